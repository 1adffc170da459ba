"""The VMs through which all others are reached: their manifest, one group for each cloud, and the keys they show.

Takes a Session and an environment, gives the manifest as files, or the environment with host keys pinned.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from director.app.sessions import environment_files, reading
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.errors import InputError
from director.model import cloud_names
from director.model.documents import Source
from director.model.environments.environment import JUMPBOX, Environment
from director.model.environments.state import DeploymentState, VmRecord
from director.model.ids import DeploymentName
from director.model.secret_ref import Property
from director.resolve import jumpbox_groups

_MANIFEST = "manifests/jumpbox/jumpbox.yml"


def manifest_files(session: Session, environment: Environment, values: Mapping[str, Property]) -> ManifestFiles:
    """The manifest that ships with us; where there are several clouds, with a group for each that has a way in."""
    source = session.files.read_source(session.files.bundled(_MANIFEST))
    plain = ManifestFiles(manifest=source, values=values)
    if len(environment.clouds) < 2:
        return plain
    known = {**environment.variables, **session.file.variables}
    addresses = environment_files.jumpbox_addresses(session.file, known)
    azs = _first_azs(session, environment, plain)
    operations = list(jumpbox_groups.describe_groups(addresses, azs, environment.stemcells))
    ops = Source(name="the jumpboxes of several clouds", content=json.dumps(operations).encode())
    return replace(plain, ops=(ops,))


def pin_host_keys(environment: Environment, state: DeploymentState) -> Environment:
    """The environment that knows each jumpbox by the key it showed; a cloud that no AZ names has none after all."""
    keys = {vm.cloud: vm.host_key or None for vm in _vms(state)}
    pinned = (replace(each, host_key=keys[each.cloud]) for each in environment.jumpboxes if each.cloud in keys)
    return replace(environment, jumpboxes=tuple(pinned))


def require_jumpboxes(session: Session, environment: Environment) -> None:
    """Require a jumpbox on each cloud, the way to all other VMs. Raises InputError, code `jumpbox-missing`."""
    state = session.world.store.load_deployment(environment.name, DeploymentName(JUMPBOX))
    there = {vm.cloud for vm in _vms(state) if session.world.clouds[vm.cloud].cloud.has_vm(vm.cid)} if state else set()
    missing = [each.cloud for each in environment.jumpboxes if each.cloud not in there]
    if there and not missing:
        return
    named = ", ".join(f"'{cloud}'" for cloud in missing if cloud_names.shown_name(cloud))
    raise InputError(
        "jumpbox-missing",
        f"Environment '{environment.name}' has no jumpbox{f' on cloud {named}' if named else ''}.",
        why="Its VM is gone or was never created; all other VMs are reached through it.",
        fix=f"Run `compleat up -e {environment.name}` again: it creates what is missing.",
    )


def _vms(state: DeploymentState) -> list[VmRecord]:
    return [record.vm for record in state.instances if record.vm]


def _first_azs(session: Session, environment: Environment, files: ManifestFiles) -> Mapping[str, str]:
    """Each cloud's first AZ in the cloud config; empty if it cannot be read, as the full reading reports the reason."""
    try:
        config = reading.read_cloud_config(session, environment, files)
    except InputError:
        return {}
    azs: dict[str, str] = {}
    for az in config.azs:
        if az.cpi is not None:
            azs.setdefault(az.cpi, az.name)
    return azs
