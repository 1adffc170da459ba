"""Images against the environment's architecture and the VMs' root disks and memory."""

from dataclasses import replace

import pytest

from cpi.kit import judge
from cpi.kit.judge import ImageFacts

IMAGE = ImageFacts(name="Image 'i'", architecture="x86_64", disk_gib=10, ram_mib=512)


@pytest.mark.parametrize(
    ("image", "wanted", "codes"),
    [
        (IMAGE, "x86_64", []),
        (IMAGE, "", []),
        (replace(IMAGE, architecture=""), "arm64", []),
        (IMAGE, "arm64", ["image-architecture"]),
    ],
)
def test_an_image_is_of_the_environment_s_architecture(image: ImageFacts, wanted: str, codes: list[str]) -> None:
    assert [one.code for one in judge.image_architecture(image, wanted)] == codes


@pytest.mark.parametrize(
    ("disk_gib", "ram_mib", "codes"),
    [
        (10, 512, []),
        (0, 0, []),
        (9, 512, ["image-too-large"]),
        (10, 511, ["image-too-large"]),
        (9, 0, ["image-too-large"]),
    ],
)
def test_an_image_has_room_on_the_root_disk_and_in_memory(disk_gib: int, ram_mib: int, codes: list[str]) -> None:
    assert [one.code for one in judge.image_room(IMAGE, "web", disk_gib=disk_gib, ram_mib=ram_mib)] == codes


def test_what_the_image_needs_and_what_the_vm_has_are_told() -> None:
    (found,) = judge.image_room(IMAGE, "web", disk_gib=5, ram_mib=512)
    assert found.why == (
        "The image needs 10 GiB of disk and 512 MiB of memory; the VM has a root disk of 5 GiB and 512 MiB of memory."
    )
