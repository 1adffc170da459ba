"""The VMs through which all others are reached: their manifest, one group for each cloud, and the keys they show.

Takes a Session and an environment, gives the manifest as files, or the environment with host keys pinned.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from director.app.landing import end_clocks, landing_zones
from director.app.sessions import environment_files, reading
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.errors import InputError, raise_all
from director.model import cloud_names
from director.model.documents import Source
from director.model.environments.environment import JUMPBOX, SSH_PORT, Environment, Jumpbox
from director.model.environments.state import DeploymentState, VmRecord
from director.model.ids import DeploymentName
from director.model.secret_ref import Property
from director.model.written.cloud_config import CloudConfig
from director.resolve import jumpbox_groups
from director.resolve.jumpbox_groups import JumpboxPlace

_FOLDER = "manifests/jumpbox"
_MANIFEST = f"{_FOLDER}/jumpbox.yml"


def are_wanted(session: Session) -> bool:
    """Whether VMs are reached through jumpboxes; otherwise this machine is in their network."""
    return session.file.jumpbox.access != "none"


def manifest_files(session: Session, environment: Environment, values: Mapping[str, Property]) -> ManifestFiles:
    """The manifest that ships with us, at the cloud config's places; a group for each of several clouds.

    Raises InputError and Problems: jumpbox-network-missing, and what unknown_places reports.
    """
    source = session.files.read_source(session.files.bundled(_MANIFEST))
    plain = ManifestFiles(manifest=source, values=values, is_saved=True)  # runtime configs are not for jumpboxes
    config = _cloud_config(session, environment, plain)
    if config is None:
        return plain
    raise_all(
        [
            *jumpbox_groups.unknown_places(
                config, session.file.jumpbox, lambda key: session.written.where("jumpbox", key)
            )
        ]
    )
    known = {**environment.variables, **session.file.variables}
    addresses = environment_files.jumpbox_addresses(session.file, known)
    places = _places(session, environment, config, addresses=addresses)
    if len(environment.clouds) > 1:
        operations = list(jumpbox_groups.describe_groups(places, addresses, environment.stemcells))
    else:
        unusual = (place for place in places.values() if place != jumpbox_groups.USUAL_PLACE)
        operations = [jumpbox_groups.describe_group(place) for place in unusual]
    operations += end_clocks.describe_job(session, environment.end)
    if not operations:
        return plain
    ops = Source(name="the places of the jumpboxes", content=json.dumps(operations).encode())
    return replace(plain, base=session.files.bundled(_FOLDER), ops=(ops,))


def pin_host_keys(session: Session, environment: Environment, state: DeploymentState) -> Environment:
    """The environment that knows each jumpbox by the key it showed; a cloud that no AZ names has none after all."""
    vms = {vm.cloud: vm for vm in _vms(state)}
    known = {each.cloud: each for each in environment.jumpboxes}
    names = dict.fromkeys((*known, *(choice.name for choice in environment.clouds)))
    there = [cloud for cloud in names if cloud in vms]
    pinned = (_pinned(session, known.get(cloud), vms[cloud]) for cloud in there)
    return replace(environment, jumpboxes=tuple(each for each in pinned if each))


def _pinned(session: Session, known: Jumpbox | None, vm: VmRecord) -> Jumpbox | None:
    """A jumpbox at its public address; one without at the address of its network."""
    addresses = [network.ip for network in vm.networks if network.ip]
    if known is not None and (known.address in addresses or not addresses):
        return replace(known, host_key=vm.host_key or None)
    if not addresses:
        return None
    address = addresses[0]
    endpoint = landing_zones.endpoint_of(session.world.clouds[vm.cloud], address, SSH_PORT)
    return Jumpbox(cloud=vm.cloud, address=address, endpoint=endpoint, host_key=vm.host_key or None)


def require_jumpboxes(session: Session, environment: Environment) -> None:
    """Require a jumpbox on each cloud, the way to all other VMs. Raises InputError, code `jumpbox-missing`."""
    if not are_wanted(session):
        return
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


def _places(
    session: Session, environment: Environment, config: CloudConfig, *, addresses: Mapping[str, str]
) -> Mapping[str, JumpboxPlace]:
    """By cloud: on the only one, or on each of several that an AZ names and that has what the jumpbox needs."""
    written, names = session.file.jumpbox, [choice.name for choice in environment.clouds]
    if len(names) < 2:
        place = jumpbox_groups.find_place(config, written, cloud=None)
        return {names[0]: place} if place else {}
    needing = names if written.access == "private" else [name for name in names if name in addresses]
    found = {name: jumpbox_groups.find_place(config, written, cloud=name) for name in needing}
    return {name: place for name, place in found.items() if place}


def _cloud_config(session: Session, environment: Environment, files: ManifestFiles) -> CloudConfig | None:
    """The cloud config; None if it cannot be read, as the full reading reports the reason."""
    try:
        return reading.read_cloud_config(session, environment, files)
    except InputError:
        return None
