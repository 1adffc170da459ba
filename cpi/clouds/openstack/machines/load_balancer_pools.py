"""Pools of Octavia that cloud properties name: a server's first address is a member of them while the server lives.

Takes names and ports, changes the load balancer service. A member is found by its name, which no other action's server
has; a server's metadata keep the pools that it is in. Octavia changes one thing of a load balancer at a time, and is
asked again while it is busy.
"""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import LoadBalancerPool
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.values import OwnerKey
from cpi.kit import judge

CloudAnswer = Mapping[str, Any]

SERVICE = "balancer"
_POOLS = "/lbaas/pools"


class LoadBalancerPools:
    """Each name is looked up once."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._ids: dict[str, str] = {}

    def ids(self, wanted: Sequence[LoadBalancerPool]) -> tuple[str, ...]:
        """Raises NotFoundError, code unknown-load-balancer-pool; CloudError, code load-balancer-pool-ambiguous."""
        return tuple(self._id(pool.name) for pool in wanted)

    def add_members(self, owner: OwnerKey, wanted: Sequence[LoadBalancerPool], address: str) -> None:
        """A member already is success. Raises TransientError while Octavia changes the load balancer.

        A server that was lost at the cloud is still a member, and Octavia takes an address and port once: the member of
        the server that has them now replaces it.
        """
        for pool in wanted:
            path, name = f"{_POOLS}/{self._id(pool.name)}/members", names.name_of(owner, str(pool.port))
            member = {"name": name, "address": address, "protocol_port": pool.port}
            there = self._members(path)
            if any(one.get("name") == name for one in there):
                continue
            for one in there:
                if _has_place_of(member, one) and names.is_of(owner.environment, str(one.get("name"))):
                    self._api.delete(SERVICE, f"{path}/{one['id']}")
            self._api.post(SERVICE, path, {"member": member})

    def remove_members(self, owner: OwnerKey, metadata: Mapping[str, str]) -> None:
        """No member, or a pool that is gone, is success."""
        for key, place in metadata.items():
            if key.startswith(names.POOLS):
                pool, _, port = place.partition(":")
                self._drop(f"{_POOLS}/{pool}/members", names.name_of(owner, port))

    def _drop(self, path: str, name: str) -> None:
        for member in self._members(path):
            if member.get("name") == name:
                self._api.delete(SERVICE, f"{path}/{member['id']}")

    def _members(self, path: str) -> list[CloudAnswer]:
        with contextlib.suppress(NotFoundError):
            return list(self._api.list_all(SERVICE, path, "members"))
        return []

    def _id(self, name: str) -> str:
        if name not in self._ids:
            there = [str(one["id"]) for one in self._api.list_all(SERVICE, _POOLS, "pools", name=name)]
            if not there:
                setting = "loadbalancer_pools"
                raise judge.missing(
                    judge.unknown_name("load balancer pool", name, (), where="OpenStack", setting=setting)
                )
            if len(there) > 1:
                raise CloudError(
                    "load-balancer-pool-ambiguous",
                    f"OpenStack has {len(there)} load balancer pools named '{name}'.",
                    why=f"Their ids are {', '.join(sorted(there))}.",
                    fix="Rename all but one: `openstack loadbalancer pool set --name NAME ID`.",
                ).about(name)
            self._ids[name] = there[0]
        return self._ids[name]


def write_metadata(wanted: Sequence[LoadBalancerPool], ids: Sequence[str]) -> dict[str, str]:
    """The pools, one in each value: a value has room for no more than a few."""
    return {
        f"{names.POOLS}-{number:02}": f"{pool_id}:{pool.port}"
        for number, (pool, pool_id) in enumerate(zip(wanted, ids, strict=True))
    }


def _has_place_of(member: CloudAnswer, other: CloudAnswer) -> bool:
    return all(str(member[key]) == str(other.get(key)) for key in ("address", "protocol_port"))
