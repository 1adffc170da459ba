"""The persistent disks of a group: the one on the store, or those with names, and the links to these.

Takes a request, gives DiskSpec values and link providers. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/: deployment_plan/instance_group_spec_parser.rb (parse_disks),
links/link_providers_parser.rb (parse_provider_from_disk).
"""

from collections.abc import Iterator, Mapping

from director.model.environments.desired import DiskSpec, ProvidedLink
from director.model.spans import Path
from director.model.written.manifest import PersistentDisk
from director.resolve import plain
from director.resolve.findings import Findings
from director.resolve.instance_groups.links import Provider
from director.resolve.request import ResolveRequest

LINK_TYPE = "disk"
_KEYS = ("persistent_disk", "persistent_disk_type", "persistent_disks")
_LONGEST_NAME = 200
"""In bytes: the name is a file name on the VM and the value of a tag in the cloud."""


def resolve_disk(request: ResolveRequest, index: int, found: Findings) -> DiskSpec | None:
    """The disk on the store of the group with that index; None for none, a size of 0 too.

    Reports: unknown-disk-type, disk-twice.
    """
    group = request.manifest.document.instance_groups[index]
    path: Path = ("instance_groups", index)
    given = [key for key in _KEYS if getattr(group, key) is not None]
    if len(given) > 1:
        found.report(
            "disk-twice",
            f"Instance group '{group.name}' has {' and '.join(f'`{key}`' for key in given)}.",
            why="Its instances have one persistent disk, of a size or of a type, or several with names.",
            fix="Keep one of these keys.",
            where=request.manifest.where(*path, given[0]),
        )
    if group.persistent_disk_type is None:
        return DiskSpec(size_mib=group.persistent_disk) if group.persistent_disk else None
    where = request.manifest.where(*path, "persistent_disk_type")
    disk = _disk_of_type(request, group.persistent_disk_type, group=group.name, where=where, found=found)
    return disk if disk and disk.size_mib else None


def resolve_named_disks(request: ResolveRequest, index: int, found: Findings) -> Mapping[str, DiskSpec]:
    """The disks with names of the group with that index, in its order.

    Reports: unknown-disk-type, disk-name-twice, disk-name-unusable, disk-without-size.
    """
    group = request.manifest.document.instance_groups[index]
    disks: dict[str, DiskSpec] = {}
    for number, written in enumerate(group.persistent_disks or ()):
        path: Path = ("instance_groups", index, "persistent_disks", number)
        _check_name(request, written, path, is_taken=written.name in disks, found=found)
        where = request.manifest.where(*path, "type")
        disk = _disk_of_type(request, written.type, group=group.name, where=where, found=found)
        if disk and not disk.size_mib:
            found.report(
                "disk-without-size",
                f"Persistent disk '{written.name}' of instance group '{group.name}' has no size.",
                why=f"The `disk_size` of disk type '{written.type}' is 0.",
                fix="Name another disk type, or remove the disk.",
                where=where,
            )
        disks[written.name] = disk or DiskSpec(size_mib=0)
    return disks


def disk_providers(request: ResolveRequest) -> Iterator[Provider]:
    """The links to disks with names: each group provides one for each, of type `disk`."""
    for group in request.manifest.document.instance_groups:
        for disk in group.persistent_disks or ():
            link = ProvidedLink(name=disk.name, type=LINK_TYPE, alias=disk.name)
            yield Provider(group=group.name, job="", link=link, networks=(), properties={"name": disk.name})


def _check_name(
    request: ResolveRequest, written: PersistentDisk, path: Path, *, is_taken: bool, found: Findings
) -> None:
    group = request.manifest.document.instance_groups[int(path[1])]
    where = request.manifest.where(*path, "name")
    if is_taken:
        found.report(
            "disk-name-twice",
            f"Instance group '{group.name}' has two persistent disks '{written.name}'.",
            why="Jobs find each disk under its name.",
            fix="Give one of them another name.",
            where=where,
        )
    is_plain = written.name.strip() and written.name not in (".", "..") and written.name.isprintable()
    if not is_plain or "/" in written.name or len(written.name.encode()) > _LONGEST_NAME:
        found.report(
            "disk-name-unusable",
            f"Instance group '{group.name}' has a persistent disk whose name cannot be used: '{written.name}'.",
            why="Jobs find the disk at /var/vcap/instance/disks/NAME, so its name must be a file name.",
            fix=f"Choose a name without slashes, of 1 to {_LONGEST_NAME} characters.",
            where=where,
        )


def _disk_of_type(request: ResolveRequest, name: str, *, group: str, where: str, found: Findings) -> DiskSpec | None:
    config = request.cloud_config
    types = config.document.disk_types
    for number, disk_type in enumerate(types):
        if disk_type.name == name:
            properties_at = config.where("disk_types", number, "cloud_properties")
            properties = plain.plain_map(disk_type.cloud_properties, properties_at, found)
            return DiskSpec(size_mib=disk_type.disk_size, name=name, cloud_properties=properties)
    known = [each.name for each in types]
    found.report_unknown("disk type", name, whose=f"Instance group '{group}'", known=known, where=where)
    return None
