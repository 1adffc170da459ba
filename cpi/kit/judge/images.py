"""Images against what is made of them: architecture, and room for them. Pure.

Takes the facts of an image, gives findings.
"""

from collections.abc import Iterator

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """An image: its name in messages, its architecture, and the least that a VM needs for it.

    "" and 0 are facts that the cloud does not tell.
    """

    name: str
    architecture: str = ""
    disk_gib: int = 0
    ram_mib: int = 0


def image_architecture(image: ImageFacts, wanted: str) -> Iterator[Finding]:
    """An image of another architecture than the environment's."""
    if image.architecture and wanted and image.architecture != wanted:
        yield Finding(
            code="image-architecture",
            what=f"{image.name} is for {image.architecture}.",
            why=f"The environment is for {wanted}.",
            fix="Correct `architecture` in the environment's file, or name another image.",
        )


def image_room(image: ImageFacts, vm: str, *, disk_gib: int, ram_mib: int = 0) -> Iterator[Finding]:
    """An image that is larger than a VM's root disk (0: as large as the image), or wants more memory than it has."""
    is_short = 0 < disk_gib < image.disk_gib
    if is_short or 0 < ram_mib < image.ram_mib:
        needs = [f"{image.disk_gib} GiB of disk"] if image.disk_gib else []
        needs += [f"{image.ram_mib} MiB of memory"] if image.ram_mib else []
        has = [f"a root disk of {disk_gib} GiB"] if disk_gib else []
        has += [f"{ram_mib} MiB of memory"] if ram_mib else []
        yield Finding(
            code="image-too-large",
            what=f"{image.name} does not fit VM '{vm}'.",
            why=f"The image needs {' and '.join(needs)}; the VM has {' and '.join(has)}.",
            fix="Choose a larger instance_type, or a larger root_disk.size.",
            written_names=(vm,),
        )
