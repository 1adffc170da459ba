"""Load balancers and application gateways that cloud properties name: their backend pools, which a VM's first interface
joins.

Takes the property in any of the forms that BOSH's CPI has, gives pools' ids; names each missing one. An interface
leaves its pools when it is deleted, so nothing has to be removed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import NotFoundError
from cpi.contract.value_classes import dataclass

Json = Mapping[str, Any]
Written = str | Mapping[str, str] | Sequence[str | Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendPool:
    """`group` "" is the environment's; `name` "" is the first pool of the balancer (or gateway)."""

    balancer: str
    group: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOwner:
    """A resource with backend pools: its ARM type, its noun in errors, and the cloud property that names it."""

    kind: str
    title: str
    setting: str


BALANCER = PoolOwner(kind=names.BALANCER, title="load balancer", setting="load_balancer")
GATEWAY = PoolOwner(kind=names.GATEWAY, title="application gateway", setting="application_gateway")


_NAT_RULES = "load_balancer_nat_rules"


class Balancers:
    def __init__(self, api: Api, places: ResourcePaths, owner: PoolOwner = BALANCER) -> None:
        self._api = api
        self._places = places
        self._owner = owner

    def pool_ids(self, written: Written | None) -> tuple[str, ...]:
        """Raises NotFoundError: unknown-load-balancer, unknown-application-gateway, unknown-backend-pool."""
        return tuple(self.require(pool) for pool in read_pools(written or ()))

    def require(self, pool: BackendPool) -> str:
        """The pool's id."""
        return self._id_in(self._balancer(pool, f"`{self._owner.setting}` (name, resource_group_name)"), pool)

    def nat_rule_ids(self, written: Sequence[str]) -> tuple[str, ...]:
        """Of rules that lead to one VM each. Raises NotFoundError: unknown-load-balancer, unknown-nat-rule."""
        return tuple(map(self.require_nat_rule, written))

    def require_nat_rule(self, written: str) -> str:
        """The id of BALANCER/RULE."""
        balancer, _, rule = written.partition("/")
        found = self._balancer(BackendPool(balancer=balancer), f"`{_NAT_RULES}`")
        rules = found["properties"].get("inboundNatRules", [])
        fitting = [str(one["id"]) for one in rules if str(one["name"]).lower() == rule.lower()]
        if not fitting:
            raise NotFoundError(
                "unknown-nat-rule",
                f"Load balancer '{balancer}' has no inbound NAT rule '{rule}'.",
                why=f"Its rules are {', '.join(str(one['name']) for one in rules) or 'none'}.",
                fix=f"Correct the cloud property `{_NAT_RULES}` (BALANCER/RULE), or create the rule.",
            ).about(written)
        return fitting[0]

    def _balancer(self, pool: BackendPool, setting: str) -> Json:
        owner = self._owner
        found = self._api.get(self._places.path(owner.kind, pool.balancer, group=pool.group))
        if found is None:
            raise NotFoundError(
                f"unknown-{owner.title.replace(' ', '-')}",
                f"{owner.title.capitalize()} '{pool.balancer}' does not exist.",
                why=f"Resource group '{pool.group or self._places.group}' has none with that name.",
                fix=f"Create it, or correct the cloud property {setting}.",
            ).about(pool.balancer)
        return found

    def _id_in(self, found: Json, pool: BackendPool) -> str:
        pools = found["properties"].get("backendAddressPools", [])
        fitting = [one for one in pools if pool.name in ("", one["name"])]
        if not fitting:
            known = ", ".join(str(one["name"]) for one in pools) or "none"
            wanted = f" {pool.name!r}" if pool.name else ""
            raise NotFoundError(
                "unknown-backend-pool",
                f"{self._owner.title.capitalize()} '{pool.balancer}' has no backend pool{wanted}.",
                why=f"Its pools are {known}.",
                fix="Correct `backend_pool_name` in the cloud config, or create the pool.",
            ).about(pool.name, pool.balancer)
        return str(fitting[0]["id"])


def read_pools(written: Written) -> Iterator[BackendPool]:
    """Written as a name, names with commas, a mapping, or a list of these."""
    if isinstance(written, str):
        written = {"name": written}
    if not isinstance(written, Mapping):
        for part in written:
            yield from read_pools(part)
        return
    for name in str(written.get("name") or "").split(","):
        yield BackendPool(
            balancer=name.strip(),
            group=str(written.get("resource_group_name") or ""),
            name=str(written.get("backend_pool_name") or ""),
        )
