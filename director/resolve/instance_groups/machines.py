"""VM types and extensions, looked up.

Takes a request, gives merged cloud properties. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/deployment_plan/: merged_cloud_properties.rb,
instance_group_spec_parser.rb.
"""

from cpi.contract.values import JsonValue
from director.model.environments.desired import Compilation
from director.model.written.cloud_config import VmType
from director.resolve import plain
from director.resolve.findings import Findings
from director.resolve.instance_groups import vm_sizes
from director.resolve.request import ResolveRequest


def resolve_vm(request: ResolveRequest, index: int, found: Findings) -> dict[str, JsonValue]:
    """Cloud properties of the group with that index: VM type, then each extension over it, whole keys at a time.

    Tells: unknown-vm-type, unknown-vm-extension, vm-type-missing, vm-size-twice.
    """
    group = request.manifest.document.instance_groups[index]
    whose, path = f"Instance group '{group.name}'", ("instance_groups", index)
    where = request.manifest.where(*path)
    if group.vm_resources is not None and group.vm_type is not None:
        _report_twice(whose, request.manifest.where(*path, "vm_resources"), found)
    elif group.vm_resources is None and group.vm_type is None:
        found.report(
            "vm-type-missing",
            f"{whose} has no VM type.",
            why="It has neither `vm_type` nor `vm_resources`.",
            fix=f"Add `vm_type`, one of: {', '.join(each.name for each in request.cloud_config.document.vm_types)}.",
            where=where,
        )
    wheres = {
        "vm_type": request.manifest.where(*path, "vm_type"),
        "vm_extensions": request.manifest.where(*path, "vm_extensions"),
    }
    return _merged(request, (group.vm_type, group.vm_extensions), whose=whose, wheres=wheres, found=found)


def resolve_compilation(request: ResolveRequest, found: Findings) -> Compilation:
    """How packages are compiled; its network and AZ are checked with those of groups."""
    config = request.cloud_config
    written = config.document.compilation
    resources_at = config.where("compilation", "vm_resources")
    if written.vm_resources is not None and (written.vm_type is not None or written.cloud_properties):
        _report_twice("Compilation", resources_at, found)
    azs = (written.az,) if written.az else ()
    user = vm_sizes.SizeUser(whose="Compilation", where=resources_at, azs=azs)
    wheres = {key: config.where("compilation", key) for key in ("vm_type", "vm_extensions")}
    types = (written.vm_type, written.vm_extensions)
    merged = _merged(request, types, whose="Compilation", wheres=wheres, found=found)
    own = plain.plain_map(written.cloud_properties, config.where("compilation", "cloud_properties"), found)
    if own and written.vm_type is not None:
        found.report(
            "compilation-vm-twice",
            "Compilation has both a VM type and cloud properties.",
            why="Only one of them may define its VMs.",
            fix="Remove `vm_type` or `cloud_properties`.",
            where=config.where("compilation", "cloud_properties"),
        )
    return Compilation(
        workers=written.workers,
        network=written.network,
        az=written.az or None,
        is_reusing_vms=written.reuse_compilation_vms,
        cloud_properties={**merged, **own},
        sized_properties=vm_sizes.resolve_size(request, written.vm_resources, user, found=found),
        env=plain.plain_map(written.env, config.where("compilation", "env"), found),
    )


def _merged(
    request: ResolveRequest,
    names: tuple[str | None, tuple[str, ...]],
    *,
    whose: str,
    wheres: dict[str, str],
    found: Findings,
) -> dict[str, JsonValue]:
    config = request.cloud_config.document
    vm_type, extensions = names
    merged: dict[str, JsonValue] = {}
    wanted: list[tuple[str, str, tuple[VmType, ...], str]] = [
        *([("VM type", vm_type, config.vm_types, "vm_types")] if vm_type is not None else []),
        *(("VM extension", name, config.vm_extensions, "vm_extensions") for name in extensions),
    ]
    for kind, name, types, key in wanted:
        number = next((at for at, each in enumerate(types) if each.name == name), None)
        if number is None:
            where = wheres["vm_type" if key == "vm_types" else key]
            found.report_unknown(kind, name, whose=whose, known=[each.name for each in types], where=where)
        else:
            where = request.cloud_config.where(key, number, "cloud_properties")
            merged |= plain.plain_map(types[number].cloud_properties, where, found)
    return merged


def _report_twice(whose: str, where: str, found: Findings) -> None:
    found.report(
        "vm-size-twice",
        f"{whose} has `vm_resources` beside a VM type or cloud properties.",
        why="Only one of them may choose the size of a VM.",
        fix="Remove one of the two.",
        where=where,
    )
