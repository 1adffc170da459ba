"""What a load balancer lacks of its rules, one change of Octavia's after the other. Pure.

Takes what Octavia lists and the rules that are wanted, gives the first change that is needed, or None. So a run that
was cut off continues where it was. Pools keep their members while a rule's port, timeout or probe changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from cpi.clouds.openstack.landing.balancer_layout import BalancerParts
from cpi.clouds.openstack.machines import load_balancer_pools
from cpi.clouds.openstack.machines.balancer_calls import LISTENERS, MONITORS, POOLS
from cpi.clouds.openstack.wire import names
from cpi.contract.value_classes import dataclass

CloudAnswer = Mapping[str, Any]
_ALGORITHM = "ROUND_ROBIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancerChange:
    """One call of Octavia."""

    method: Literal["POST", "PUT", "DELETE"]
    path: str
    body: CloudAnswer | None = None


def next_change(balancer: str, parts: BalancerParts, rules: Sequence[CloudAnswer]) -> BalancerChange | None:
    """The first: what is not wanted goes before what is made, because it may have the same port."""
    return next(_changes(balancer, parts, rules), None)


def _changes(balancer: str, parts: BalancerParts, rules: Sequence[CloudAnswer]) -> Iterator[BalancerChange]:
    listeners, pools = _kept_listeners(parts, rules), _kept_pools(parts, rules)
    for path, listed, kept in ((LISTENERS, parts.listeners, listeners), (POOLS, parts.pools, pools)):
        ids = {one["id"] for one in kept.values()}
        yield from (
            BalancerChange(method="DELETE", path=f"{path}/{one['id']}") for one in listed if one["id"] not in ids
        )
    for rule in rules:
        pool = pools.get(str(rule["pool"]))
        if pool is None:
            yield BalancerChange(method="POST", path=POOLS, body={"pool": _pool(balancer, rule)})
            return
        yield from _probe_changes(pool, parts, rule)
        yield from _listener_changes(balancer, listeners.get(str(rule["pool"])), pool, rule=rule)


def _kept_listeners(parts: BalancerParts, rules: Sequence[CloudAnswer]) -> Mapping[str, CloudAnswer]:
    """By the name of the pool, of which each rule has one: those with the protocol and port that cannot change."""
    ids = {str(one["id"]): str(one["name"]) for one in parts.pools}
    wanted = {str(rule["pool"]): (rule["name"], rule["protocol"], rule["port"]) for rule in rules}
    kept: dict[str, CloudAnswer] = {}
    for one in parts.listeners:
        pool = ids.get(str(one.get("default_pool_id")), "")
        place = (one.get("name"), one["protocol"], one["protocol_port"])
        if not _is_failed(one) and wanted.get(pool) == place:
            kept.setdefault(pool, one)
    return kept


def _kept_pools(parts: BalancerParts, rules: Sequence[CloudAnswer]) -> Mapping[str, CloudAnswer]:
    """By name. Of twins, which a lost answer can make, one."""
    wanted = {str(rule["pool"]) for rule in rules}
    kept: dict[str, CloudAnswer] = {}
    for one in parts.pools:
        if str(one["name"]) in wanted and not _is_failed(one):
            kept.setdefault(str(one["name"]), one)
    return kept


def _is_failed(answer: CloudAnswer) -> bool:
    return str(answer.get("provisioning_status")) == "ERROR"


def _pool(balancer: str, rule: CloudAnswer) -> dict[str, Any]:
    return {
        "loadbalancer_id": balancer,
        "name": rule["pool"],
        "description": _note(rule),
        "protocol": rule["protocol"],
        "lb_algorithm": _ALGORITHM,
    }


def _note(rule: CloudAnswer) -> str:
    return f"{names.PROBE_PORT}={rule['probe_port']}" if rule["probe_port"] else ""


def _probe_changes(pool: CloudAnswer, parts: BalancerParts, rule: CloudAnswer) -> Iterator[BalancerChange]:
    """The members' ports change before the pool's description, by which it is known that they did."""
    if load_balancer_pools.probe_port(pool) != rule["probe_port"]:
        port = rule["probe_port"] or None
        for member in parts.members.get(str(pool["id"]), ()):
            if member.get("monitor_port") != port:
                path = f"{POOLS}/{pool['id']}/members/{member['id']}"
                yield BalancerChange(method="PUT", path=path, body={"member": {"monitor_port": port}})
        body = {"pool": {"description": _note(rule)}}
        yield BalancerChange(method="PUT", path=f"{POOLS}/{pool['id']}", body=body)
    there, wanted = parts.monitors.get(str(pool["id"])), rule["monitor"]
    path = f"{MONITORS}/{there['id']}" if there is not None else ""
    if there is not None and (wanted is None or there["type"] != wanted["type"] or _is_failed(there)):
        yield BalancerChange(method="DELETE", path=path)
    elif there is None and wanted is not None:
        made = {"pool_id": pool["id"], "name": rule["name"], **wanted}
        yield BalancerChange(method="POST", path=MONITORS, body={"healthmonitor": made})
    elif there is not None and any(there.get(key) != value for key, value in wanted.items()):
        changed = {key: value for key, value in wanted.items() if key != "type"}
        yield BalancerChange(method="PUT", path=path, body={"healthmonitor": changed})


def _listener_changes(
    balancer: str, there: CloudAnswer | None, pool: CloudAnswer, *, rule: CloudAnswer
) -> Iterator[BalancerChange]:
    milliseconds, sources = rule["timeout_ms"], list(rule["sources"])
    settings = {"timeout_client_data": milliseconds, "timeout_member_data": milliseconds}
    if there is None:
        made = {
            "loadbalancer_id": balancer,
            "name": rule["name"],
            "protocol": rule["protocol"],
            "protocol_port": rule["port"],
            "default_pool_id": pool["id"],
            **settings,
            **({"allowed_cidrs": sources} if sources else {}),
        }
        yield BalancerChange(method="POST", path=LISTENERS, body={"listener": made})
        return
    is_open = sorted(there.get("allowed_cidrs") or ()) == sorted(sources)
    if not is_open or any(there.get(key) != value for key, value in settings.items()):
        changed = settings if is_open else {**settings, "allowed_cidrs": sources or None}
        yield BalancerChange(method="PUT", path=f"{LISTENERS}/{there['id']}", body={"listener": changed})
