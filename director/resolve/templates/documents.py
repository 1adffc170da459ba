"""The documents that a template's VMs become: a manifest, and what it adds to the cloud config.

Takes machines, gives trees as a person would have written them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cpi.contract.json_value import JsonValue
from director.model.secret_ref import Property
from director.resolve.templates.interfaces import VmInterface
from director.resolve.templates.machines import DataDisk, Machine
from director.resolve.templates.networks import TemplateSubnet
from director.resolve.templates.request import Translation, TranslationRequest

RELEASE = "template"
JOB = "account"
_UPDATE: Mapping[str, Property] = {
    "canaries": 0,
    "max_in_flight": 10,
    "canary_watch_time": "100-60000",
    "update_watch_time": "100-60000",
    "serial": False,
}
_LATEST = "latest"
_EPHEMERAL_MIB = 10_240


def describe_manifest(request: TranslationRequest, machines: Sequence[Machine]) -> Mapping[str, Property]:
    """An instance group for each VM."""
    has_accounts = any(machine.account is not None for machine in machines)
    return {
        "name": request.name,
        "stemcells": [
            {"alias": f"{os}{_ending(version)}", "os": os, "version": version} for os, version in _systems(machines)
        ],
        "releases": [{"name": RELEASE, "version": "create", "url": "file://release"}] if has_accounts else [],
        "update": _UPDATE,
        "instance_groups": [_group(request, machine) for machine in machines],
    }


def describe_cloud_config(
    request: TranslationRequest, machines: Sequence[Machine], subnets: Mapping[str, TemplateSubnet]
) -> Mapping[str, Property]:
    """Networks, VM types and disk types; all are named after the deployment or the template's own names."""
    used = [(one, machine.az) for machine in machines for one in machine.interfaces]
    networks: list[Property] = []
    for subnet in subnets.values():
        azs = list(dict.fromkeys(az for one, az in used if one.subnet.id == subnet.id)) or list(request.azs[:1])
        static = [one.address for one, _ in used if one.address and one.subnet.id == subnet.id]
        networks.append(subnet.describe(azs, static, request.dns))
    if any(one.public for one, _ in used):
        networks.append({"name": _vip_network(request), "type": "vip"})
    return {
        "networks": networks,
        "vm_types": list(_vm_types(request, machines)),
        "disk_types": list(_disk_types(request, machines)),
    }


def with_extensions(translation: Translation, joined: Mapping[str, Mapping[str, JsonValue]]) -> Translation:
    """The translation whose VMs have these cloud properties, by their names."""
    manifest = translation.manifest
    if manifest is None or not any(joined.values()):
        return translation
    names = {vm: f"{manifest['name']}.{vm}" for vm, properties in joined.items() if properties}
    listed = manifest["instance_groups"]
    assert isinstance(listed, list)
    groups = [{**one, "vm_extensions": [names[one["name"]]]} if one["name"] in names else one for one in listed]
    extensions: list[Property] = [{"name": names[vm], "cloud_properties": joined[vm]} for vm in names]
    return replace(
        translation,
        manifest={**manifest, "instance_groups": groups},
        cloud_config={**translation.cloud_config, "vm_extensions": extensions},
    )


def _systems(machines: Sequence[Machine]) -> Sequence[tuple[str, str]]:
    """Each with its version. A manifest has one at least."""
    return sorted({_system(each) for each in machines}) or [("linux", _LATEST)]


def _system(machine: Machine) -> tuple[str, str]:
    return machine.os, machine.image.version if machine.image else _LATEST


def _ending(version: str) -> str:
    """What the alias of an image has behind its name: two can have one name."""
    return "" if version == _LATEST else f"/{version}"


def _group(request: TranslationRequest, machine: Machine) -> Mapping[str, Property]:
    account = machine.account
    properties = account.properties() if account else {}
    return {
        "name": machine.resource.name,
        "instances": 1,
        **({"azs": [machine.az]} if machine.az else {}),
        "stemcell": f"{machine.os}{_ending(_system(machine)[1])}",
        **_size(request, machine),
        "networks": list(_networks(request, machine.interfaces)),
        **({"persistent_disks": [_disk(request, disk) for disk in machine.disks]} if machine.disks else {}),
        "jobs": [{"name": JOB, "release": RELEASE, "properties": properties}] if account else [],
        **({"tags": dict(machine.tags)} if machine.tags else {}),
    }


def _networks(request: TranslationRequest, interfaces: Sequence[VmInterface]) -> Iterator[Mapping[str, Property]]:
    for number, one in enumerate(interfaces):
        yield {
            "name": one.subnet.network,
            **({"default": ["dns", "gateway"]} if number == 0 else {}),
            **({"static_ips": [one.address]} if one.address else {}),
        }
    public = [f"(({one.public}_public_ip))" for one in interfaces if one.public]
    if public:
        yield {"name": _vip_network(request), "static_ips": public}


def _size(request: TranslationRequest, machine: Machine) -> Mapping[str, Property]:
    size = machine.size
    if size is None:
        return {}
    if request.has_arm_sizes:
        return {"vm_type": _type_name(request, size.name)}
    return {"vm_resources": {"cpu": size.cores, "ram": size.ram_mib, "ephemeral_disk_size": _EPHEMERAL_MIB}}


def _vm_types(request: TranslationRequest, machines: Sequence[Machine]) -> Iterator[Mapping[str, Property]]:
    if request.has_arm_sizes:
        for name in sorted({machine.size.name for machine in machines if machine.size}):
            yield {"name": _type_name(request, name), "cloud_properties": {"instance_type": name}}


def _disk_types(request: TranslationRequest, machines: Sequence[Machine]) -> Iterator[Mapping[str, Property]]:
    for size in sorted({disk.size_mib for machine in machines for disk in machine.disks}):
        yield {"name": _disk_type(request, size), "disk_size": size}


def _disk(request: TranslationRequest, disk: DataDisk) -> Mapping[str, Property]:
    return {"name": disk.name, "type": _disk_type(request, disk.size_mib)}


def _type_name(request: TranslationRequest, size: str) -> str:
    return f"{request.name}.{size}"


def _disk_type(request: TranslationRequest, size_mib: int) -> str:
    return f"{request.name}.{size_mib}"


def _vip_network(request: TranslationRequest) -> str:
    return f"{request.name}.public"
