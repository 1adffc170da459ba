"""Limits of Octavia: what a plan's load balancers and the members of their pools take, and what the project has left.

Takes a preflight request, gives loads. Octavia says what the limits are, and its listings what is used.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpi.clouds.openstack.landing import balancer_layout
from cpi.clouds.openstack.machines.balancer_calls import BALANCERS, LISTENERS, MONITORS, POOLS, SERVICE
from cpi.clouds.openstack.preflight.quotas import LimitUse
from cpi.clouds.openstack.wire.api import Api
from cpi.contract.errors import DeniedError, NotFoundError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import PreflightRequest

_COMMAND = "loadbalancer quota set"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """Octavia's words: of its quota, which older ones spell otherwise, and of its listing."""

    older: str
    path: str
    listed: str
    unit: str


_KINDS: Mapping[str, _Kind] = {
    "loadbalancer": _Kind(older="load_balancer", path=BALANCERS, listed="loadbalancers", unit="load balancers"),
    "listener": _Kind(older="listener", path=LISTENERS, listed="listeners", unit="listeners"),
    "pool": _Kind(older="pool", path=POOLS, listed="pools", unit="load balancer pools"),
    "healthmonitor": _Kind(older="health_monitor", path=MONITORS, listed="healthmonitors", unit="health monitors"),
    "member": _Kind(older="member", path=POOLS, listed="pools", unit="members of load balancer pools"),
}


def uses(api: Api, request: PreflightRequest) -> Iterator[LimitUse]:
    """Nothing for a plan without load balancers and pools, or where this user may not see the limits."""
    asked = _asked(request)
    if not asked or not api.has_service(SERVICE):
        return
    project = api.project()
    try:
        limits: Mapping[str, Any] = api.read(SERVICE, f"/lbaas/quotas/{project}")["quota"]
    except (DeniedError, NotFoundError):
        return
    names = (*(one.name for one in request.landing if one.kind == balancer_layout.BALANCER), *_vms(request))
    for name, kind in _KINDS.items():
        limit = next((limits[key] for key in (name, kind.older) if limits.get(key) is not None), -1)
        listed = list(api.list_all(SERVICE, kind.path, kind.listed, project_id=project)) if asked[name] else []
        used = sum(len(one.get("members") or ()) for one in listed) if name == "member" else len(listed)
        yield LimitUse(
            name=name, unit=kind.unit, used=used, limit=int(limit), asked=asked[name], command=_COMMAND, names=names
        )


def _asked(request: PreflightRequest) -> Counter[str]:
    asked: Counter[str] = Counter()
    for resource in request.landing:
        if resource.kind == balancer_layout.BALANCER:
            rules = list(balancer_layout.each(resource.properties["rules"]))
            monitors = sum(rule["monitor"] is not None for rule in rules)
            counted = {"listener": len(rules), "pool": len(rules), "healthmonitor": monitors}
            asked += Counter({"loadbalancer": 1, **counted})
    for vm in request.vms:
        pools = vm.cloud_properties.get("loadbalancer_pools")
        asked["member"] += len(pools) if isinstance(pools, Sequence) and not isinstance(pools, str) else 0
    return +asked


def _vms(request: PreflightRequest) -> Iterator[str]:
    return (vm.name for vm in request.vms if vm.cloud_properties.get("loadbalancer_pools"))
