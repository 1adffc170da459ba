"""director.edge.blobs.archives, each refusal from an archive crafted for it."""

import errno
import gzip
import io
import tarfile
import zlib

import pytest

from director.edge.blobs import archives
from director.edge.blobs.archives import ArchiveLimits, Member, MemberKind
from director.errors import InputError


def _info(name: str, **fields: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def _tar(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in entries:
            if info.isreg():
                info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _read(packed: bytes, limits: ArchiveLimits = archives.DEFAULT_LIMITS) -> list[tuple[Member, bytes]]:
    members = archives.read_members(io.BytesIO(packed), "a.tgz", where="m.yml:3:5", limits=limits)
    return [(member, content.read()) for member, content in members]


def _refusal(packed: bytes, limits: ArchiveLimits = archives.DEFAULT_LIMITS) -> tuple[str, str]:
    with pytest.raises(InputError) as caught:
        _read(packed, limits)
    assert caught.value.fix and caught.value.why
    assert caught.value.where == "m.yml:3:5"
    return caught.value.code, caught.value.what


GOOD = _tar(
    (_info("./"), b""),
    (_info("./bin/run", mode=0o755), b"#!/bin/sh\n" * 300),
    (_info("lib", type=tarfile.DIRTYPE, mode=0o755), b""),
    (_info("lib/up", type=tarfile.SYMTYPE, linkname="../bin/run", mode=0o777), b""),
)

WANTED = [
    (Member(name="", kind=MemberKind.FILE, size=0), b""),
    (Member(name="bin/run", kind=MemberKind.FILE, size=3000, mode=0o755), b"#!/bin/sh\n" * 300),
    (Member(name="lib", kind=MemberKind.FOLDER, mode=0o755), b""),
    (Member(name="lib/up", kind=MemberKind.LINK, mode=0o777, link="../bin/run"), b""),
]


@pytest.mark.parametrize(
    "packed", [GOOD, gzip.compress(GOOD), gzip.compress(GOOD) + bytes(700)], ids=["plain", "packed", "padded"]
)
def test_members_come_in_order_with_clean_names(packed: bytes) -> None:
    assert _read(packed) == WANTED


def test_an_archive_of_several_gzip_streams_is_read_through() -> None:
    assert _read(gzip.compress(GOOD[:700]) + gzip.compress(GOOD[700:])) == WANTED


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../../up", "./.."])
def test_a_path_that_leads_out_is_refused(name: str) -> None:
    assert _refusal(_tar((_info(name), b"x"))) == (
        "archive-escapes",
        f"'a.tgz' contains '{name.rstrip('/')}', which points outside the archive.",
    )


@pytest.mark.parametrize(
    ("kind", "name", "link"),
    [
        (tarfile.SYMTYPE, "etc", "/etc"),
        (tarfile.SYMTYPE, "a/b", "../../c"),
        (tarfile.SYMTYPE, "a", ".."),
        (tarfile.LNKTYPE, "a/b", "../c"),
        (tarfile.LNKTYPE, "a/b", "/etc/shadow"),
    ],
)
def test_a_link_that_leads_out_is_refused(kind: bytes, name: str, link: str) -> None:
    assert _refusal(_tar((_info(name, type=kind, linkname=link), b"")))[0] == "archive-escapes"


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_a_special_file_is_refused(kind: bytes) -> None:
    assert _refusal(_tar((_info("dev/null", type=kind), b"")))[0] == "archive-special-file"


@pytest.mark.parametrize("keep", [1, 300, 511, 600, 2000, 3000, len(GOOD) - 9500])
def test_a_tarball_cut_short_is_told_from_a_broken_one(keep: int) -> None:
    code, _ = _refusal(GOOD[:keep])
    assert code == ("archive-unreadable" if keep < 512 else "archive-truncated")


def test_a_compressed_tarball_cut_anywhere_is_truncated() -> None:
    packed = gzip.compress(GOOD)
    codes = {_refusal(packed[:keep])[0] for keep in range(2, len(packed))}
    assert codes == {"archive-truncated"}


def test_an_empty_file_is_a_truncated_archive() -> None:
    assert _refusal(b"")[0] == "archive-truncated"


class _Failing(io.BytesIO):
    """A disk or a share that breaks."""

    def read(self, size: int | None = -1) -> bytes:
        raise OSError(errno.EIO, "Input/output error")


def test_a_disk_that_cannot_be_read_is_no_broken_tarball() -> None:
    with pytest.raises(InputError) as caught:
        list(archives.read_members(_Failing(), "a.tgz", where="m.yml:3:5"))
    assert (caught.value.code, caught.value.why) == ("archive-unreadable", "System error: Input/output error.")


@pytest.mark.parametrize(
    "packed",
    [b"<html>not found</html>", bytes(range(256)) * 90, gzip.compress(b"x" * 2000)],
    ids=["page", "noise", "packed"],
)
def test_what_is_no_tarball_is_unreadable(packed: bytes) -> None:
    assert _refusal(packed)[0] == "archive-unreadable"


def test_a_header_broken_in_the_middle_does_not_pass_for_the_end() -> None:
    broken = bytearray(_tar((_info("a"), b"x" * 512), (_info("b"), b"y")))
    broken[1024 + 3] ^= 0xFF
    assert _refusal(bytes(broken))[0] == "archive-unreadable"


def test_a_flipped_byte_in_the_compressed_stream_is_noticed() -> None:
    packed = bytearray(gzip.compress(GOOD))
    packed[-6] ^= 1
    assert _refusal(bytes(packed))[0] == "archive-unreadable"


def test_too_many_entries_are_refused() -> None:
    many = _tar(*((_info(f"f{number}"), b"") for number in range(4)))
    assert _refusal(many, ArchiveLimits(entries=3))[0] == "archive-too-large"
    assert len(_read(many, ArchiveLimits(entries=4))) == 4


def test_too_many_bytes_are_refused_before_they_are_held() -> None:
    assert _refusal(gzip.compress(GOOD), ArchiveLimits(size_bytes=4000))[0] == "archive-too-large"


def test_a_bomb_is_refused_by_its_ratio() -> None:
    bomb = gzip.compress(_tar((_info("zeros"), bytes(40 << 20))))
    assert _refusal(bomb, ArchiveLimits(ratio=100)) == (
        "archive-too-large",
        "'a.tgz' unpacks to more than the limit.",
    )


def test_a_header_that_claims_more_than_there_is_is_truncated() -> None:
    claim = _info("big", size=1 << 40).tobuf(tarfile.GNU_FORMAT) + b"x" * 512
    assert _refusal(claim)[0] == "archive-truncated"
    assert _refusal(zlib.compress(claim, 9, 31))[0] == "archive-truncated"


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.LNKTYPE, tarfile.GNUTYPE_LONGNAME])
@pytest.mark.parametrize("size", [b"-0000000001\0", b"-0000002000\0", b"\xff" * 12])
def test_a_size_below_zero_is_refused(kind: bytes, size: bytes) -> None:
    header = bytearray(_info("odd", type=kind, linkname="bin/run").tobuf(tarfile.GNU_FORMAT))
    header[124:136], header[148:156] = size, b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    packed = bytes(header) + bytes(10240)
    assert _refusal(packed)[0] == _refusal(zlib.compress(packed, 9, 31))[0] == "archive-unreadable"


def test_a_name_twice_is_refused() -> None:
    twice = _tar((_info("a/b"), b"1"), (_info("./a//b"), b"2"))
    assert _refusal(twice) == ("archive-name-twice", "'a.tgz' contains 'a/b' twice.")
    assert _refusal(_tar((_info("a"), b"1"), (_info("a", type=tarfile.SYMTYPE, linkname="b"), b"")))[0] == (
        "archive-name-twice"
    )
    folder = _info("a", type=tarfile.DIRTYPE)
    assert len(_read(_tar((folder, b""), (folder, b"")))) == 2


def test_a_path_through_a_link_is_refused() -> None:
    link = _info("a/up", type=tarfile.SYMTYPE, linkname="..")
    assert _refusal(_tar((link, b""), (_info("a/up/x"), b"1")))[0] == "archive-escapes"
    assert len(_read(_tar((link, b""), (_info("a/upper/x"), b"1")))) == 2


@pytest.mark.parametrize(
    "entries",
    [
        [_info("s", type=tarfile.SYMTYPE, linkname="a"), _info("h", type=tarfile.LNKTYPE, linkname="./s")],
        [_info("h", type=tarfile.LNKTYPE, linkname="later"), _info("later")],
        [_info("h", type=tarfile.LNKTYPE, linkname="h")],
        [_info("a"), _info("a/b")],
    ],
    ids=["of a symbolic link", "of a later file", "of itself", "below a file"],
)
def test_what_no_vm_could_unpack_is_refused(entries: list[tarfile.TarInfo]) -> None:
    assert _refusal(_tar(*((entry, b"") for entry in entries)))[0] == "archive-contradictory"


def test_a_hard_link_to_a_hard_link_is_a_file_of_three_names() -> None:
    links = [_info(name, type=tarfile.LNKTYPE, linkname=of) for name, of in (("b", "a"), ("c", "./b"))]
    read = _read(_tar((_info("a"), b"1"), *((link, b"") for link in links)))
    assert [(member.name, member.same_as) for member, _ in read] == [("a", ""), ("b", "a"), ("c", "b")]


@pytest.mark.parametrize("name", ["n" * 300, "\u00e9" * 200, "d/" * 300 + "f", "d/" * 3000 + "f", "long/" * 500 + "f"])
def test_a_path_that_no_vm_could_keep_is_refused(name: str) -> None:
    code, what = _refusal(_tar((_info(name), b"x")))
    assert (code, len(what) < 300) == ("archive-name-too-long", True)


def test_a_name_is_shown_without_what_a_terminal_would_obey() -> None:
    assert _refusal(_tar((_info("../\x1b[31m\n"), b"x")))[1] == (
        "'a.tgz' contains '../\\x1b[31m\\n', which points outside the archive."
    )


def test_headers_that_describe_headers_have_an_end() -> None:
    long_name = _info("x", type=tarfile.GNUTYPE_LONGNAME)
    long_name.size = 8
    block = long_name.tobuf(tarfile.GNU_FORMAT) + bytes(512)
    assert _refusal(block * 3000)[0] == "archive-unreadable"
    long_name.size = 64 << 20
    assert _refusal(long_name.tobuf(tarfile.GNU_FORMAT) + bytes(65 << 20))[0] == "archive-unreadable"


@pytest.mark.parametrize("records", [{"GNU.sparse.map": "a,b", "GNU.sparse.size": "x"}, {"GNU.sparse.map": "1"}])
def test_pax_records_that_make_no_sense_are_refused(records: dict[str, str]) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(_info("x", pax_headers=records))
    assert _refusal(out.getvalue())[0] in ("archive-unreadable", "archive-special-file", "archive-truncated")
