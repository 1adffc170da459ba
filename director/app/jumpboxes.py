"""The VMs through which all others are reached: their manifest, one group for each cloud, and the keys they show.

Takes a Session and an environment, gives the manifest as files, or the environment with host keys pinned.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from director.app import environment_files, reading
from director.app.reading import ManifestFiles
from director.app.session import Session
from director.errors import InputError
from director.model import cloud_names
from director.model.documents import Source
from director.model.environment import JUMPBOX, Environment
from director.model.ids import DeploymentName
from director.model.secret_ref import Property
from director.model.state import DeploymentState, VmRecord

_MANIFEST = "manifests/jumpbox/jumpbox.yml"
_LATEST = {"os": "linux", "version": "latest"}


def manifest_files(session: Session, environment: Environment, values: Mapping[str, Property]) -> ManifestFiles:
    """The manifest that ships with us; where there are several clouds, with a group for each that has a way in."""
    source = session.files.read_source(session.files.bundled(_MANIFEST))
    plain = ManifestFiles(manifest=source, values=values)
    if len(environment.clouds) < 2:
        return plain
    operations = list(_operations(session, environment, plain))
    ops = Source(name="the jumpboxes of several clouds", content=json.dumps(operations).encode())
    return replace(plain, ops=(ops,))


def group_of(environment: Environment, cloud: str) -> str:
    """The instance group of a cloud's jumpbox."""
    return _group(cloud, is_first=cloud == environment.jumpboxes[0].cloud)


def pin_host_keys(environment: Environment, state: DeploymentState) -> Environment:
    """The environment that knows each jumpbox by the key it showed; a cloud that no AZ names has none after all."""
    keys = {vm.cloud: vm.host_key or None for vm in _vms(state)}
    pinned = (replace(each, host_key=keys[each.cloud]) for each in environment.jumpboxes if each.cloud in keys)
    return replace(environment, jumpboxes=tuple(pinned))


def demand_jumpboxes(session: Session, environment: Environment) -> None:
    """Refuse to go on without the way to every other VM. Raises InputError, code `jumpbox-missing`."""
    state = session.world.store.load_deployment(environment.name, DeploymentName(JUMPBOX))
    there = {vm.cloud for vm in _vms(state) if session.world.clouds[vm.cloud].cloud.has_vm(vm.cid)} if state else set()
    lacking = [each.cloud for each in environment.jumpboxes if each.cloud not in there]
    if there and not lacking:
        return
    named = ", ".join(f"'{cloud}'" for cloud in lacking if cloud_names.shown_name(cloud))
    raise InputError(
        "jumpbox-missing",
        f"Environment '{environment.name}' has no jumpbox{f' on cloud {named}' if named else ''}.",
        why="Its VM is gone or was never created; all other VMs are reached through it.",
        fix=f"Run `compleat up -e {environment.name}` again: it creates what is missing.",
    )


def _vms(state: DeploymentState) -> list[VmRecord]:
    return [record.vm for record in state.instances if record.vm]


def _operations(session: Session, environment: Environment, files: ManifestFiles) -> Iterator[Mapping[str, Property]]:
    """Ops for the manifest: its group goes to the first cloud with a way in, each further cloud gets a group."""
    azs = _first_azs(session, environment, files)
    known = {**environment.variables, **session.file.variables}
    addresses = environment_files.jumpbox_addresses(session.file, known)
    for number, (cloud, address) in enumerate(each for each in addresses.items() if each[0] in azs):
        is_first = number == 0
        group, alias = _group(cloud, is_first=is_first), "default" if is_first else cloud
        stemcell = {"alias": alias, **_stemcell(environment, cloud)}
        instances = _instances(group, az=azs[cloud], stemcell=alias, address=address)
        for path, own, value in (
            ("/stemcells", "alias=default", stemcell),
            ("/instance_groups", f"name={group}", instances),
        ):
            yield {"type": "replace", "path": f"{path}/{own if is_first else '-'}", "value": value}


def _group(cloud: str, *, is_first: bool) -> str:
    return JUMPBOX if is_first else f"{JUMPBOX}-{cloud}"


def _instances(group: str, *, az: str, stemcell: str, address: str) -> Mapping[str, Property]:
    """As the one in the manifest."""
    return {
        "name": group,
        "instances": 1,
        "azs": [az],
        "stemcell": stemcell,
        "vm_type": "default",
        "networks": [{"name": "default", "default": ["dns", "gateway"]}, {"name": "public", "static_ips": [address]}],
        "jobs": [],
        "update": {"serial": False},
    }


def _stemcell(environment: Environment, cloud: str) -> Mapping[str, Property]:
    """What the cloud has first: a jumpbox shares nothing with those of other clouds."""
    there = next((each for each in environment.stemcells if each.cloud == cloud), None)
    return {"os": there.os, "version": there.version} if there else _LATEST


def _first_azs(session: Session, environment: Environment, files: ManifestFiles) -> Mapping[str, str]:
    """Each cloud's first AZ in the cloud config; none where that cannot be read: whoever reads all of it tells why."""
    try:
        config = reading.read_cloud_config(session, environment, files)
    except InputError:
        return {}
    azs: dict[str, str] = {}
    for az in config.azs:
        if az.cpi is not None:
            azs.setdefault(az.cpi, az.name)
    return azs
