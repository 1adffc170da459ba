"""A stemcell's disk: told by its bytes, found in archives, held against its digest, read in pieces."""

import hashlib
import tracemalloc
from pathlib import Path

import pytest

from cpi.contract.errors import CloudError
from cpi.kit import disk_image
from cpi.kit.disk_image import DiskImage, Format
from tests.support import disk_images

RAW = frozenset({Format.RAW})
VHD = frozenset({Format.VHD})


@pytest.mark.parametrize(
    ("head", "tail", "expected"),
    [
        (b"QFI\xfb\0\0\0\3".ljust(512, b"\0"), b"", Format.QCOW2),
        (b"conectix".ljust(512, b"\0"), b"conectix".ljust(512, b"\0"), Format.VHD_DYNAMIC),
        (b"\1" * 510 + b"\x55\xaa", b"conectix".ljust(512, b"\0"), Format.VHD),
        (b"\1" * 510 + b"\x55\xaa", bytes(512), Format.RAW),
        (b"vhdxfile".ljust(512, b"\0"), b"", Format.VHDX),
        (b"KDMV".ljust(512, b"\0"), b"", Format.VMDK),
        (b"<html>", b"", Format.NONE),
    ],
)
def test_a_format_is_told_by_the_first_bytes_and_the_last(head: bytes, tail: bytes, expected: Format) -> None:
    assert disk_image.format_of(head, tail) is expected


def test_a_disk_is_the_same_plain_packed_and_in_a_whole_stemcell(tmp_path: Path) -> None:
    plain = disk_images.write_raw(tmp_path)
    image = disk_images.pack(plain, name="root.img")
    digest = hashlib.sha1(image.read_bytes()).hexdigest()
    whole = disk_images.pack_whole(image, f"name: own\nsha1: {digest}\n")
    surveyed = [disk_image.survey(str(path), RAW, cloud="AWS") for path in (plain, image, whole)]
    content = disk_images.raw_bytes()
    assert surveyed == [
        DiskImage(path=str(path), format=Format.RAW, size=len(content), sha256=hashlib.sha256(content).hexdigest())
        for path in (plain, image, whole)
    ]
    sent = [b"".join(disk_image.sent(one, piece_size=1 << 18, report=lambda _: None)) for one in surveyed]
    assert sent == [content] * 3


@pytest.mark.parametrize("written", ["sha1: {}", "sha1: sha256:{}"])
def test_an_image_that_its_manifest_does_not_name_is_refused(tmp_path: Path, written: str) -> None:
    image = disk_images.pack(disk_images.write_raw(tmp_path), name="root.img")
    whole = disk_images.pack_whole(image, f"name: own\n{written.format('0' * 40)}\n")
    with pytest.raises(CloudError) as raised:
        disk_image.survey(str(whole), RAW, cloud="AWS")
    assert (raised.value.code, "0" * 40 in raised.value.why) == ("image-digest-wrong", True)


def test_the_wrong_format_is_refused_with_the_way_to_the_right_one(tmp_path: Path) -> None:
    refused = []
    for path, accepted in (
        (disk_images.write_qcow2(tmp_path), RAW),
        (disk_images.write_vhd(tmp_path), RAW),
        (disk_images.write_raw(tmp_path), VHD),
    ):
        with pytest.raises(CloudError) as raised:
            disk_image.survey(str(path), accepted, cloud="The cloud")
        refused.append((raised.value.code, raised.value.why, raised.value.fix.partition(";")[0]))
    raw, vhd = "-O raw IMAGE disk.raw", "-O vpc -o subformat=fixed,force_size IMAGE disk.vhd"
    assert refused == [
        ("image-format-wrong", "Its bytes are those of a qcow2 image.", f"Convert it: qemu-img convert {raw}"),
        ("image-format-wrong", "Its bytes are those of a vhd image.", f"Convert it: qemu-img convert {raw}"),
        ("image-format-wrong", "Its bytes are those of a raw image.", f"Convert it: qemu-img convert {vhd}"),
    ]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    cut = disk_images.pack(disk_images.write_raw(tmp_path), name="root.img")
    cut.write_bytes(cut.read_bytes()[: 1 << 20])
    other = disk_images.pack(disk_images.write_raw(tmp_path), name="readme.txt").rename(tmp_path / "other")
    codes = []
    for path in (tmp_path / "none", tmp_path, cut, other):
        with pytest.raises(CloudError) as raised:
            disk_image.survey(str(path), RAW, cloud="AWS")
        codes.append(raised.value.code)
    assert codes == ["image-not-readable"] * 4


def test_bytes_that_changed_after_the_survey_are_not_sent_to_the_end(tmp_path: Path) -> None:
    path = disk_images.write_raw(tmp_path)
    surveyed = disk_image.survey(str(path), RAW, cloud="AWS")
    disk_images.write_raw(tmp_path, seed=2)
    with pytest.raises(CloudError, match="image-changed"):
        list(disk_image.sent(surveyed, piece_size=1 << 20, report=lambda _: None))


def test_a_large_disk_is_never_whole_in_memory_and_progress_is_told(tmp_path: Path) -> None:
    path, reported = tmp_path / "large", list[str]()
    with path.open("wb") as stream:
        stream.write(disk_images.raw_bytes())
        stream.truncate(256 << 20)
    tracemalloc.start()
    surveyed = disk_image.survey(str(path), RAW, cloud="AWS")
    for _ in disk_image.sent(surveyed, piece_size=4 << 20, report=reported.append):
        pass
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (most < 16 << 20, len(reported), reported[-1]) == (True, 10, "Stemcell image: 256 of 256 MiB sent.")
