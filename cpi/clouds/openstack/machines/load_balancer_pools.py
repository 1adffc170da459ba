"""Pools of Octavia that cloud properties name: a server's first address is a member of them while the server lives.

Takes names and ports, changes the load balancer service. A member is found by its name, which no other action's server
has; a server's metadata keep the pools that it is in. Octavia changes one thing of a load balancer at a time, and is
waited for while it is busy. The pools of a template's load balancers are named by the same property.
"""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from cpi.clouds.openstack.machines import balancer_calls
from cpi.clouds.openstack.machines.balancer_calls import POOLS, SERVICE, BalancerFailedError
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import LoadBalancerPool
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.values import OwnerKey
from cpi.kit import judge

CloudAnswer = Mapping[str, Any]


class LoadBalancerPools:
    """Each name is looked up once, until `forget`."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, CloudAnswer] = {}

    def forget(self) -> None:
        """What was looked up is looked up again."""
        self._known.clear()

    def ids(self, wanted: Sequence[LoadBalancerPool]) -> tuple[str, ...]:
        """Raises NotFoundError, code unknown-load-balancer-pool; CloudError, code load-balancer-pool-ambiguous."""
        return tuple(self._id(pool.name) for pool in wanted)

    def add_members(self, owner: OwnerKey, wanted: Sequence[LoadBalancerPool], address: str) -> None:
        """A member already is success. Raises BalancerBusyError while Octavia changes the load balancer.

        A server that was lost at the cloud is still a member, and Octavia takes an address and port once: the member of
        the server that has them now replaces it.
        """
        for pool in wanted:
            found = self._pool(pool.name)
            path, name = f"{POOLS}/{found['id']}/members", names.name_of(owner, str(pool.port))
            member = {"name": name, "address": address, "protocol_port": pool.port, **_probed(found)}
            there = self._members(path)
            if any(one.get("name") == name for one in there):
                continue
            for one in there:
                if _has_place_of(member, one) and names.is_of(owner.environment, str(one.get("name"))):
                    self._remove(_balancer_of(found), f"{path}/{one['id']}")
            self._add(_balancer_of(found), path, {"member": member})

    def remove_members(self, owner: OwnerKey, metadata: Mapping[str, str]) -> None:
        """No member, or a pool that is gone, is success; one of a load balancer that failed keeps it."""
        for key, place in metadata.items():
            if key.startswith(names.POOLS):
                pool, _, port = place.partition(":")
                self._drop(pool, names.name_of(owner, port))

    def _drop(self, pool: str, name: str) -> None:
        path = f"{POOLS}/{pool}/members"
        for member in self._members(path):
            if member.get("name") == name:
                with contextlib.suppress(BalancerFailedError):
                    self._remove(self._holder(pool), f"{path}/{member['id']}")

    def _add(self, balancer: str, path: str, body: CloudAnswer) -> None:
        balancer_calls.change(self._api, balancer, lambda: self._api.post(SERVICE, path, body))

    def _remove(self, balancer: str, path: str) -> None:
        balancer_calls.change(self._api, balancer, lambda: self._api.delete(SERVICE, path))

    def _holder(self, pool: str) -> str:
        """The load balancer that a pool is of; "" where the pool is gone."""
        with contextlib.suppress(NotFoundError):
            return _balancer_of(self._api.read(SERVICE, f"{POOLS}/{pool}")["pool"])
        return ""

    def _members(self, path: str) -> list[CloudAnswer]:
        with contextlib.suppress(NotFoundError):
            return list(self._api.list_all(SERVICE, path, "members"))
        return []

    def _id(self, name: str) -> str:
        return str(self._pool(name)["id"])

    def _pool(self, name: str) -> CloudAnswer:
        if name not in self._known:
            there = list(self._api.list_all(SERVICE, POOLS, "pools", name=name))
            if not there:
                setting = "loadbalancer_pools"
                raise judge.missing(
                    judge.unknown_name("load balancer pool", name, (), where="OpenStack", setting=setting)
                )
            if len(there) > 1:
                raise CloudError(
                    "load-balancer-pool-ambiguous",
                    f"OpenStack has {len(there)} load balancer pools named '{name}'.",
                    why=f"Their ids are {', '.join(sorted(str(one['id']) for one in there))}.",
                    fix="Rename all but one: `openstack loadbalancer pool set --name NAME ID`.",
                ).about(name)
            self._known[name] = there[0]
        return self._known[name]


def write_metadata(wanted: Sequence[LoadBalancerPool], ids: Sequence[str]) -> dict[str, str]:
    """The pools, one in each value: a value has room for no more than a few."""
    return {
        f"{names.POOLS}-{number:02}": f"{pool_id}:{pool.port}"
        for number, (pool, pool_id) in enumerate(zip(wanted, ids, strict=True))
    }


def probe_port(pool: CloudAnswer) -> int:
    """The port at which members of a template's pool are probed; 0 for the one that they serve at."""
    return int(names.read_note(pool.get("description")).get(names.PROBE_PORT, 0))


def _probed(pool: CloudAnswer) -> dict[str, int]:
    port = probe_port(pool)
    return {"monitor_port": port} if port else {}


def _balancer_of(pool: CloudAnswer) -> str:
    return next((str(one["id"]) for one in pool.get("loadbalancers") or ()), "")


def _has_place_of(member: CloudAnswer, other: CloudAnswer) -> bool:
    return all(str(member[key]) == str(other.get(key)) for key in ("address", "protocol_port"))
