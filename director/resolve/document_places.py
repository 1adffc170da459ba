"""The places of cloud properties, networks, static addresses and VMs, for what a cloud says of them later.

Takes a cloud config and the instance groups, gives DocumentPlaces.
"""

from collections.abc import Iterable, Iterator, Mapping

from director.model.document_places import DocumentPlaces
from director.model.documents import WrittenDocument
from director.model.environments.desired import Group
from director.model.ids import DeploymentName
from director.model.spans import Path
from director.model.written.cloud_config import CloudConfig

_PROPERTIES = "cloud_properties"
_NO_HOST_NAME = str.maketrans({"_": "-", ".": "-", "+": "-"})


def resolve_places(
    config: WrittenDocument[CloudConfig], groups: Iterable[Group] = (), *, deployment: DeploymentName | None = None
) -> DocumentPlaces:
    """Look up every property and text below `cloud_properties`, every network, every static address, in this order.

    The VMs of a group have its place, those that compile for the deployment that of the compilation.
    """
    listed = tuple(groups)
    properties: dict[str, str] = {}
    names: dict[str, str] = {}
    for path, written in _cloud_properties(config.document):
        for inner, value in each_value(written, ()):
            place = config.where(*path, *inner)
            properties.setdefault(".".join(step for step in inner if isinstance(step, str)), place)
            if isinstance(value, str):
                names.setdefault(value, place)
    for index, network in enumerate(config.document.networks):
        names.setdefault(network.name, config.where("networks", index))
    for use in (use for group in listed for use in group.networks):
        names.update({ip: use.where for ip in use.static_ips if ip not in names})
    vms = {vm_begin(deployment): config.where("compilation")} if deployment else {}
    vms |= {vm_begin(group.name): group.where for group in listed}
    return DocumentPlaces(properties=properties, names=names, vms=vms)


def vm_begin(owner: str) -> str:
    """What the names of an owner's VMs begin with in a cloud, where they are host names."""
    return f"{owner.lower().translate(_NO_HOST_NAME).strip('-')}-"


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


def each_value(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    """All that is inside of maps and lists, with the way to it."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield (*path, key), inner
            yield from each_value(inner, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield (*path, index), inner
            yield from each_value(inner, (*path, index))
