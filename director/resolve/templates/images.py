"""Images of a template, and those that its VMs name by the cloud's own id, as stemcells that the environment gets.

Takes resources and what is known of deployed VMs, gives images; reports what is wrong with them. What a cloud cannot
make an image of, it says itself.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from cpi.contract.landing_parts import ImageGeneration, ImageOrigin, ImageSource, ImageSpec
from cpi.contract.value_classes import dataclass
from director.model import stemcell_names
from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings
from director.resolve.templates import image_properties, pieces, property_table
from director.resolve.templates.pieces import PartPlaces, TemplatePiece, body_of

KIND = "images"
_GENERATIONS: Mapping[str, ImageGeneration] = {"v1": "gen1", "v2": "gen2"}
_ORIGINS: Mapping[ImageOrigin, tuple[str, ...]] = {
    "vm": ("sourceVirtualMachine", "id"),
    "blob": ("storageProfile", "osDisk", "blobUri"),
    "snapshot": ("storageProfile", "osDisk", "snapshot", "id"),
    "disk": ("storageProfile", "osDisk", "managedDisk", "id"),
}
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?")
_UNFIT = re.compile(r"[^A-Za-z0-9_.-]")
_DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownImages:
    """CIDs of deployed VMs of templates by the keys of their resources; and the (os, version) of images that exist."""

    vms: Mapping[str, str] = field(default_factory=dict)
    made: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateImage:
    """`piece` is what a problem of the image is reported for."""

    spec: ImageSpec
    piece: TemplatePiece


def read_images(
    resources: Sequence[TemplateResource], known: KnownImages, taken: Sequence[str], *, found: Findings
) -> Mapping[str, TemplateImage]:
    """By what `imageReference.id` names each by, in lower case.

    Reports: template-value-invalid, template-reference-missing, template-name-taken.
    """
    images = {one.key: _image(one, resources, known, found=found) for one in _of(resources, image_properties.IMAGE)}
    for one in _of(resources, image_properties.IMAGE):
        if one.name in taken:
            body_of(one).report_here(
                "template-name-taken",
                f"another template of the environment has an image '{one.name}'.",
                found=found,
                why="The image would be that of both templates.",
                fix="Rename the resource.",
            )
    for vm in _of(resources, property_table.VM):
        piece = reference_of(vm)
        key = piece.text(found).lower()
        if key and key not in images:
            images[key] = TemplateImage(spec=_existing(str(piece.value), known), piece=piece)
    return images


def reference_of(vm: TemplateResource) -> TemplatePiece:
    """Where a VM names its image by an id."""
    return body_of(vm).at("properties", "storageProfile", "imageReference", "id")


def places_of(images: Mapping[str, TemplateImage]) -> PartPlaces:
    """Where each image is written."""
    return {(KIND, one.spec.name): one.piece for one in images.values()}


def source_places_of(images: Mapping[str, TemplateImage]) -> Mapping[str, str]:
    """The same by the names of what they are made of."""
    return {one.spec.source.place: one.piece.where for one in images.values() if one.spec.source}


def _of(resources: Sequence[TemplateResource], type_: str) -> Iterator[TemplateResource]:
    return (one for one in resources if property_table.type_of(one.type) == type_)


def _image(
    resource: TemplateResource, resources: Sequence[TemplateResource], known: KnownImages, *, found: Findings
) -> TemplateImage:
    if not _NAME.fullmatch(resource.name):
        body_of(resource).report_here(
            pieces.INVALID,
            f"'{resource.name}' is not a valid name of an image.",
            found=found,
            why="It has 80 letters, digits, '_', '.' and '-' at most, and begins and ends with no '.' or '-'.",
            fix="Rename it.",
        )
    written, piece = _written(resource, found)
    os = stemcell_names.system_of_image(resource.name)
    version = _version_of(written, os, known)
    source: ImageSource | None = written
    if written.origin == "vm":
        source = replace(written, place=known.vms.get(written.place.lower(), written.place))
        if written.place.lower() in {one.key for one in _of(resources, property_table.VM)} - known.vms.keys():
            source = None
            if (os, version) not in known.made:
                _report_absent(piece, found)
    return TemplateImage(spec=ImageSpec(name=resource.name, os=os, version=version, source=source), piece=piece)


def _written(resource: TemplateResource, found: Findings) -> tuple[ImageSource, TemplatePiece]:
    """The one source as the template has it."""
    properties = body_of(resource).at("properties")
    written: dict[ImageOrigin, TemplatePiece] = {
        origin: piece for origin, path in _ORIGINS.items() if (piece := properties.at(*path)).is_written
    }
    if len(written) != 1:
        ways = ", ".join(f"properties.{'.'.join(path)}" for path in _ORIGINS.values())
        body_of(resource).report_here(
            pieces.INVALID,
            f"an image is made of one thing, not {len(written)}.",
            found=found,
            fix=f"Write one of: {ways}.",
        )
    origin, piece = next(iter(written.items()), ("blob", properties))
    generation = properties.at("hyperVGeneration")
    word = generation.one_of(tuple(_GENERATIONS), found) if generation.is_written else ""
    place = piece.text(found) if written else ""
    return ImageSource(origin=origin, place=place, generation=_GENERATIONS.get(word, "")), piece


def _report_absent(piece: TemplatePiece, found: Findings) -> None:
    piece.report_here(
        pieces.MISSING,
        "its VM is not deployed yet.",
        found=found,
        why="The images of a template are made before its VMs, which may be created from them.",
        fix="Deploy the template without the image first, then with it.",
    )


def _existing(place: str, known: KnownImages) -> ImageSpec:
    """An image that the cloud has; as a system it is called by the last word of its id."""
    source = ImageSource(origin="image", place=place)
    os = stemcell_names.system_of_image(_UNFIT.sub("-", place.rpartition("/")[2]))
    return ImageSpec(name=place, os=os, version=_version_of(source, os, known), source=source)


def _version_of(source: ImageSource, os: str, known: KnownImages) -> str:
    """A number that grows, and a digest of its source: another source is another image, and the latest one."""
    place = source.place.lower() if source.origin == "vm" else source.place
    text = "\0".join((source.origin, place, source.generation))
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
    versions = [version for system, version in known.made if system == os]
    numbers = [int(number) for version in versions if (number := version.partition("-")[0]).isdecimal()]
    same = (version for version in versions if version.partition("-")[2] == digest)
    return max(same, default=f"{max(numbers, default=0) + 1}-{digest}")
