"""Interfaces without their VM: a director that dies between the two calls leaves one behind.

Takes interfaces, gives whose they were to be; takes an api and an environment, deletes what hangs on no VM.
"""

from collections.abc import Iterable, Mapping, Set
from typing import Any

from cpi.clouds.azure.machines import networks
from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.values import FoundVm, VmCid, VmCreated, VmState
from cpi.kit import tags

Json = Mapping[str, Any]


def delete_in_the_way(api: Api, places: ResourcePaths, environment: str, *, of: networks.InterfaceRequest) -> None:
    """Delete strays that hold an address which the wish is for."""
    for nic in _strays(api, places, environment):
        if _is_in_the_way(nic, of):
            api.delete(places.path(names.NIC, str(nic["name"])))


def delete_all(api: Api, places: ResourcePaths, environment: str) -> None:
    """Delete every stray: when the landing zone goes, no VM is on its way."""
    for nic in _strays(api, places, environment):
        api.delete(places.path(names.NIC, str(nic["name"])))


def read_incomplete(nics: Iterable[Json], public: Mapping[str, str], *, born: Set[str]) -> tuple[FoundVm, ...]:
    """One for each VM that has interfaces of the environment but does not exist.

    `public` are the public addresses by the lower-case id of their resource.
    """
    found: dict[VmCid, FoundVm] = {}
    for nic in sorted(nics, key=lambda one: str(one["name"])):
        owner, cid = tags.read_owner(nic.get("tags") or {}), VmCid(networks.vm_name(nic))
        if owner is None or cid in born or nic["properties"].get("virtualMachine"):
            continue
        others = found[cid].created.networks if cid in found else ()
        address = public.get(networks.read_public_id(nic).lower(), "")
        own = tuple(network for _, network in networks.read_nic(nic, address))
        found[cid] = FoundVm(
            created=VmCreated(cid=cid, networks=(*others, *own)), owner=owner, state=VmState.INCOMPLETE
        )
    return tuple(found.values())


def is_stray(nic: Json, environment: str) -> bool:
    """Whether an interface is of this environment and hangs on no VM."""
    owner = tags.read_owner(nic.get("tags") or {})
    is_own = owner is not None and owner.environment == environment
    return is_own and not nic["properties"].get("virtualMachine")


def _strays(api: Api, places: ResourcePaths, environment: str) -> list[Json]:
    return [nic for nic in api.list(places.path(names.NIC)) if is_stray(nic, environment)]


def _is_in_the_way(nic: Json, requested: networks.InterfaceRequest) -> bool:
    if nic["name"] == requested.name:
        return False
    has_public = bool(requested.public_id) and networks.read_public_id(nic).lower() == requested.public_id.lower()
    wanted = {one.ip for one in requested.interface.networks if one.ip}
    return has_public or not wanted.isdisjoint(networks.read_addresses(nic))
