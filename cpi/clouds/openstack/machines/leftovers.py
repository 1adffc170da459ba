"""Ports that no server will use: leftovers of an interrupted create.

Takes ports and servers as Neutron and Nova tell them, gives which are left over and the VMs they were for.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cpi.clouds.openstack.machines import networks, vms
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.api import Api
from cpi.contract.errors import NotFoundError
from cpi.contract.values import FoundVm, NetworkKind, NetworkSettings, OwnerKey, VmCid, VmCreated, VmState
from cpi.kit import tags as owner_tags

CloudAnswer = Mapping[str, Any]
_CID = "port:"


def owner_of(port: CloudAnswer) -> OwnerKey | None:
    """Whose a port is; None: not ours."""
    return owner_tags.read_owner(names.read_note(port.get("description")))


def ports_without_server(api: Api, ports: Sequence[CloudAnswer]) -> list[CloudAnswer]:
    """The environment's ports that no server will use."""
    free = [port for port in ports if _is_free(port)]
    return _without_server(free, api.list_all("compute", "/servers/detail", "servers")) if free else []


def read_vms(ports: Iterable[CloudAnswer], servers: Iterable[CloudAnswer]) -> list[FoundVm]:
    """Each port that none of these servers has, or will have, as the VM that it was for."""
    return [_read_vm(port) for port in _without_server(filter(_is_free, ports), servers)]


def is_port(cid: VmCid) -> bool:
    """Whether a CID is of a VM whose create was interrupted."""
    return cid.startswith(_CID)


def delete(api: Api, cid: VmCid) -> None:
    """After: absent, unless a server uses it by now."""
    try:
        port: CloudAnswer = api.read("network", f"/ports/{cid.removeprefix(_CID)}")["port"]
    except NotFoundError:
        return
    for each in ports_without_server(api, [port]):
        api.delete("network", f"/ports/{each['id']}")


def _is_free(port: CloudAnswer) -> bool:
    return owner_of(port) is not None and not port["device_id"]


def _without_server(free: Iterable[CloudAnswer], servers: Iterable[CloudAnswer]) -> list[CloudAnswer]:
    """Nova writes itself on a port only a while after it took the order, so the port's owner is looked for, too."""
    owners = {vms.owner_of(answer) for answer in servers if vms.is_alive(answer)}
    return [port for port in free if owner_of(port) not in owners]


def _read_vm(port: CloudAnswer) -> FoundVm:
    owner = owner_of(port)
    assert owner is not None
    note = names.read_note(port.get("description"))
    network = NetworkSettings(name=note.get(names.NAME, ""), kind=NetworkKind.MANUAL, ip=networks.address_of(port))
    created = VmCreated(cid=VmCid(f"{_CID}{port['id']}"), networks=(network,))
    return FoundVm(created=created, owner=owner, state=VmState.INCOMPLETE)
