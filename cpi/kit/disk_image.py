"""A stemcell's disk: found in its file or archive, told by its bytes, read in pieces.

Takes a path as BOSH's CPIs get it (`image`: an archive with root.img or root.vhd), a whole stemcell's archive, or a
plain file; gives what it is, and its bytes one piece at a time: never more than a piece is in memory.
Raises CloudError: image-not-readable, image-format-wrong, image-digest-wrong, image-changed.
Source: the headers of QCOW2, VHD, VHDX and VMDK as their makers publish them; stemcell.MF of BOSH's stemcells.
"""

import contextlib
import hashlib
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import IO, Any

from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass

_PIECE = 1 << 20
_MIB = 1 << 20
_HEAD = 512
_DISKS = ("root.img", "root.vhd", "disk.raw")
_INNER = "image"
_MANIFEST = "stemcell.MF"
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_DIGEST = re.compile(r"^sha1: *['\"]?(?:(sha1|sha256|sha512):)?([0-9a-f]{40,128})", re.MULTILINE)
_READING = (OSError, EOFError, lzma.LZMAError, tarfile.TarError, zlib.error)

Report = Callable[[str], None]
"""Receives the progress as text for users."""


class Format(Enum):
    RAW = "raw"
    QCOW2 = "qcow2"
    VHD = "vhd"  # of fixed size: the disk's bytes, and a footer after them
    VHD_DYNAMIC = "vhd that grows"
    VHDX = "vhdx"
    VMDK = "vmdk"
    NONE = "no disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskImage:
    """`size` is in bytes, as they are sent; `sha256` is of those bytes, in hexadecimal digits."""

    path: str
    format: Format
    size: int
    sha256: str


class OpenDisk:
    """An open disk; its pieces are read once, from the first to the last. `size` is in bytes."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self.stream = stream
        self.size = size

    def pieces(self, most: int) -> Iterator[bytes]:
        """Pieces of `most` bytes; the last may be shorter."""
        while piece := self.stream.read(most):
            yield piece


@contextlib.contextmanager
def opened(path: str) -> Iterator[OpenDisk]:
    """The disk in a file, however it is packed."""
    try:
        with open(path, "rb") as plain, _unpacked(plain, path) as disk:
            yield disk
    except _READING as error:
        raise _unreadable(path, str(error) or type(error).__name__) from error


def survey(path: str, accepted: frozenset[Format], *, cloud: str) -> DiskImage:
    """Read all of it once: its format, size and digest, checked against the stemcell's own manifest if there is one."""
    _check_manifest(path)
    digest, head, tail = hashlib.sha256(), b"", b""
    with opened(path) as disk:
        for piece in disk.pieces(_PIECE):
            digest.update(piece)
            head = head or piece[:_HEAD]
            tail = (tail + piece)[-_HEAD:]
        found = DiskImage(path=path, format=format_of(head, tail), size=disk.size, sha256=digest.hexdigest())
    _require_format(found.path, found.format, accepted, cloud=cloud)
    if found.format is Format.VHD and (found.size - _HEAD) % _MIB:
        raise _wrong_format(
            path, f"Its disk has {found.size - _HEAD} bytes, which is not a whole number of MiB.", accepted, cloud=cloud
        )
    return found


def glance_at(path: str, accepted: frozenset[Format], *, cloud: str) -> None:
    """Read only its beginning, for a quick check; a fixed VHD looks like a raw disk there."""
    with opened(path) as disk:
        head = next(disk.pieces(_HEAD), b"")
    found = format_of(head, b"")
    is_perhaps = found is Format.RAW and Format.VHD in accepted
    _require_format(path, Format.VHD if is_perhaps else found, accepted, cloud=cloud)


def sent(image: DiskImage, *, piece_size: int, report: Report) -> Iterator[bytes]:
    """The pieces of a surveyed disk, with reports of the progress.

    Raises image-changed before the end is reached, if the bytes are others than those surveyed.
    """
    digest, done, answer = hashlib.sha256(), 0, 0
    with opened(image.path) as disk:
        for piece in disk.pieces(piece_size):
            digest.update(piece)
            done += len(piece)
            if done >= image.size and digest.hexdigest() != image.sha256:
                raise _changed(image.path)
            yield piece
            if done * 10 // max(image.size, 1) > answer:
                answer = done * 10 // image.size
                report(f"Stemcell image: {done >> 20:,} of {image.size >> 20:,} MiB sent.")
    if done != image.size:
        raise _changed(image.path)


def format_of(head: bytes, tail: bytes) -> Format:
    """By the first 512 bytes and the last."""
    if head.startswith(b"QFI\xfb"):
        return Format.QCOW2
    if head.startswith(b"conectix"):
        return Format.VHD_DYNAMIC
    if head.startswith(b"vhdxfile"):
        return Format.VHDX
    if head.startswith((b"KDMV", b"# Disk DescriptorFile")):
        return Format.VMDK
    if tail.startswith(b"conectix"):
        return Format.VHD
    return Format.RAW if head[510:512] == b"\x55\xaa" else Format.NONE


@contextlib.contextmanager
def _unpacked(plain: IO[bytes], path: str) -> Iterator[OpenDisk]:
    """The disk itself, in an archive, or in the archive inside of a whole stemcell's."""
    size = plain.seek(0, 2)
    if not _is_packed(plain):
        yield OpenDisk(plain, size)
        return
    with tarfile.open(fileobj=plain, mode="r|*") as archive:
        name, disk = _member(archive, (*_DISKS, _INNER), path)
        if name in _DISKS:
            yield disk
            return
        with tarfile.open(fileobj=disk.stream, mode="r|*") as inner:
            yield _member(inner, _DISKS, path)[1]


def _is_packed(plain: IO[bytes]) -> bool:
    plain.seek(0)
    first = plain.read(8)
    plain.seek(0)
    return first.startswith(_PACKED)


def _member(archive: tarfile.TarFile, names: tuple[str, ...], path: str) -> tuple[str, OpenDisk]:
    for name, disk in _files_of(archive):
        if name in names:
            return name, disk
    raise _unreadable(path, f"The archive contains none of {', '.join(names)}.")


def _check_manifest(path: str) -> None:
    """A whole stemcell says the digest of its image; an image alone was checked by who took it out."""
    digests, written = {name: hashlib.new(name) for name in ("sha1", "sha256", "sha512")}, ""
    has_image = False
    for name, disk in _top(path):
        if name in _DISKS:
            return
        has_image = has_image or name == _INNER
        for piece in disk.pieces(_PIECE) if name in (_INNER, _MANIFEST) else ():
            if name == _MANIFEST:
                written += piece.decode(errors="replace")
            else:
                _update_all(digests.values(), piece)
    answer = _DIGEST.search(written)
    if has_image and answer and digests[answer[1] or "sha1"].hexdigest() != answer[2]:
        raise _wrong_digest(path, answer[1] or "sha1", answer[2], found=digests[answer[1] or "sha1"].hexdigest())


def _update_all(digests: Iterable[Any], piece: bytes) -> None:
    for digest in digests:
        digest.update(piece)


def _wrong_digest(path: str, kind: str, answer: str, *, found: str) -> CloudError:
    return CloudError(
        "image-digest-wrong",
        f"The image in {path} does not match its {_MANIFEST}.",
        why=f"Expected {kind} {answer}, got {found}.",
        fix="Download the stemcell again.",
    )


def _top(path: str) -> Iterator[tuple[str, OpenDisk]]:
    """The files of an archive; none of a plain file."""
    try:
        with open(path, "rb") as plain:
            yield from _files_in(plain) if _is_packed(plain) else ()
    except _READING as error:
        raise _unreadable(path, str(error) or type(error).__name__) from error


def _files_in(plain: IO[bytes]) -> Iterator[tuple[str, OpenDisk]]:
    with tarfile.open(fileobj=plain, mode="r|*") as archive:
        yield from _files_of(archive)


def _files_of(archive: tarfile.TarFile) -> Iterator[tuple[str, OpenDisk]]:
    """Each is read before the next is requested, or not at all."""
    for member in archive:
        stream = archive.extractfile(member) if member.isfile() else None
        if stream is not None:
            yield member.name.removeprefix("./"), OpenDisk(stream, member.size)


def _require_format(path: str, found: Format, accepted: frozenset[Format], *, cloud: str) -> None:
    if found is Format.NONE:
        raise _wrong_format(
            path,
            "Its first 512 bytes are not those of a disk: neither a partition table nor an image header.",
            accepted,
            cloud=cloud,
        )
    if found not in accepted:
        raise _wrong_format(path, f"Its bytes are those of a {found.value} image.", accepted, cloud=cloud)


def _wrong_format(path: str, why: str, accepted: frozenset[Format], *, cloud: str) -> CloudError:
    words = " or ".join(sorted(one.value for one in accepted))
    return CloudError(
        "image-format-wrong",
        f"{cloud} accepts {words}, but {path} is another kind of image.",
        why=why,
        fix=_CONVERT[min(accepted, key=lambda one: one.value)],
    )


_CONVERT = {
    Format.RAW: "Convert it: qemu-img convert -O raw IMAGE disk.raw",
    Format.QCOW2: "Convert it: qemu-img convert -O qcow2 IMAGE disk.qcow2",
    Format.VHD: "Convert it: qemu-img convert -O vpc -o subformat=fixed,force_size IMAGE disk.vhd; "
    "the disk must be a whole number of MiB.",
}


def _unreadable(path: str, why: str) -> CloudError:
    return CloudError(
        "image-not-readable",
        f"The stemcell's image {path} cannot be read.",
        why=why,
        fix=f"Use a disk image, or an archive (.tgz) that contains {' or '.join(_DISKS)}.",
    )


def _changed(path: str) -> CloudError:
    return CloudError(
        "image-changed",
        f"The stemcell's image {path} changed during the upload.",
        why="Its bytes differ from those that were read before.",
        fix="Run the command again when no process writes the file.",
    )
