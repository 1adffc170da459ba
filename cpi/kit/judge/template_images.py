"""Images that templates add, judged by what a cloud can make them of. Pure.

Takes an image and a cloud's abilities, gives findings that name it.
"""

import re
from collections.abc import Iterator, Mapping

from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.landing_parts import ImageOrigin, ImageSource, ImageSpec
from cpi.contract.part_findings import PartFinding
from cpi.kit.judge import part_abilities
from cpi.kit.judge.part_abilities import PartAbilities

IMAGES = "images"
_ORIGINS: Mapping[ImageOrigin, str] = {
    "image": "an image by its id",
    "blob": "an image of a blob",
    "snapshot": "an image of a snapshot",
    "disk": "an image of a disk",
    "vm": "an image of a VM",
}
_THINGS: Mapping[ImageOrigin, str] = {
    "image": "image",
    "blob": "blob",
    "snapshot": "snapshot",
    "disk": "disk",
    "vm": "VM",
}
_SECRET = re.compile(r"[?@]")


def of_image(image: ImageSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    """Nothing of one that is there, or that the cloud has none like at all."""
    source, path = image.source, (IMAGES, image.name)
    if source is None or IMAGES in abilities.missing:
        return
    if source.origin == "blob" and _SECRET.search(source.place):
        what = f"The blob of image '{image.name}' has a URL with '?' or '@'."
        yield part_abilities.invalid(path, what, why="What follows may be a secret, which plans and records show.")
    elif source.origin in abilities.refused_images:
        yield _refused(image, source.origin, abilities)
    elif source.origin in abilities.image_places:
        yield from _place(image, source, abilities)
    else:
        yield part_abilities.refused(path, _ORIGINS[source.origin], abilities, why="compleat does not make one there.")
    if source.generation and not abilities.has_generations:
        why = "The image itself says by which firmware it boots."
        yield part_abilities.unused(path, "hyperVGeneration of image", abilities, why=why)


def unknown_source(source: ImageSource, *, cloud: str) -> NotFoundError:
    """What an image is to be made of, and the cloud does not have."""
    error = NotFoundError(
        "unknown-image-source",
        f"{cloud} has no {_THINGS[source.origin]} '{source.place}', which an image is to be made of.",
        why="It was deleted, or this login does not see it.",
        fix="Correct its name in the template.",
    )
    error.written_names = (source.place,)
    return error


def source_unfit(source: ImageSource, *, cloud: str, why: str, fix: str) -> CloudError:
    """What the cloud has, and makes no image of as it is."""
    what = f"{cloud} makes no image of the {_THINGS[source.origin]} '{source.place}'."
    error = CloudError("image-source-unfit", what, why=why, fix=fix)
    error.written_names = (source.place,)
    return error


def _refused(image: ImageSpec, origin: ImageOrigin, abilities: PartAbilities) -> PartFinding:
    why, fix = abilities.refused_images[origin]
    return part_abilities.refused((IMAGES, image.name), _ORIGINS[origin], abilities, why=why, fix=fix)


def _place(image: ImageSpec, source: ImageSource, abilities: PartAbilities) -> Iterator[PartFinding]:
    pattern, example = abilities.image_places[source.origin]
    if not pattern.fullmatch(source.place):
        thing = _THINGS[source.origin]
        yield part_abilities.invalid(
            (IMAGES, image.name),
            f"'{source.place}' of image '{image.name}' is no {thing} of {abilities.cloud}.",
            why=f"There, a {thing} is named as {example} is.",
            fix="Name one so, or one of the template by resourceId().",
        )
