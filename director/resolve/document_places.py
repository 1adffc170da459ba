"""The places of cloud properties, networks and static addresses, for what a cloud says of them later.

Takes a cloud config and the instance groups, gives DocumentPlaces.
"""

from collections.abc import Iterable, Iterator, Mapping

from director.model.document_places import DocumentPlaces
from director.model.documents import WrittenDocument
from director.model.environments.desired import Group
from director.model.spans import Path
from director.model.written.cloud_config import CloudConfig

_PROPERTIES = "cloud_properties"


def resolve_places(config: WrittenDocument[CloudConfig], groups: Iterable[Group] = ()) -> DocumentPlaces:
    """Look up every property and text below `cloud_properties`, every network, every static address, in this order."""
    properties: dict[str, str] = {}
    names: dict[str, str] = {}
    for path, written in _cloud_properties(config.document):
        for inner, value in _values(written, ()):
            place = config.where(*path, *inner)
            properties.setdefault(".".join(step for step in inner if isinstance(step, str)), place)
            if isinstance(value, str):
                names.setdefault(value, place)
    for index, network in enumerate(config.document.networks):
        names.setdefault(network.name, config.where("networks", index))
    for use in (use for group in groups for use in group.networks):
        names.update({ip: use.where for ip in use.static_ips if ip not in names})
    return DocumentPlaces(properties=properties, names=names)


def _cloud_properties(config: CloudConfig) -> Iterator[tuple[Path, object]]:
    for index, az in enumerate(config.azs):
        yield ("azs", index, _PROPERTIES), az.cloud_properties
    for index, network in enumerate(config.networks):
        yield ("networks", index, _PROPERTIES), network.cloud_properties
        for number, subnet in enumerate(network.subnets):
            yield ("networks", index, "subnets", number, _PROPERTIES), subnet.cloud_properties
    for index, vm_type in enumerate(config.vm_types):
        yield ("vm_types", index, _PROPERTIES), vm_type.cloud_properties
    for index, extension in enumerate(config.vm_extensions):
        yield ("vm_extensions", index, _PROPERTIES), extension.cloud_properties
    for index, disk_type in enumerate(config.disk_types):
        yield ("disk_types", index, _PROPERTIES), disk_type.cloud_properties
    yield ("compilation", _PROPERTIES), config.compilation.cloud_properties


def _values(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield (*path, key), inner
            yield from _values(inner, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield (*path, index), inner
            yield from _values(inner, (*path, index))
