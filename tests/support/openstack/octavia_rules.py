"""What Octavia takes of each kind of thing, and the words in which it refuses the rest. Pure.

Takes bodies and what is there, gives answers.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Answer = tuple[int, Any]
Things = Mapping[str, Mapping[str, Mapping[str, Any]]]

WRONG = "Unknown attribute for argument: {}"
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Octavia's words for one, in bodies, quotas and messages; and its defaults."""

    one: str
    quota: str
    title: str
    defaults: Mapping[str, Any] = field(default_factory=dict)


KINDS: Mapping[str, Kind] = {
    "loadbalancers": Kind(one="loadbalancer", quota="loadbalancer", title="Load Balancer"),
    "listeners": Kind(
        one="listener",
        quota="listener",
        title="Listener",
        defaults={
            "timeout_client_data": 50_000,
            "timeout_member_data": 50_000,
            "allowed_cidrs": None,
            "default_pool_id": None,
        },
    ),
    "pools": Kind(one="pool", quota="pool", title="Pool"),
    "healthmonitors": Kind(
        one="healthmonitor", quota="healthmonitor", title="Health Monitor", defaults={"max_retries_down": 3}
    ),
    "members": Kind(one="member", quota="member", title="Member", defaults={"monitor_port": None}),
}
_MANDATORY: Mapping[str, frozenset[str]] = {
    "loadbalancers": frozenset({"vip_subnet_id"}),
    "listeners": frozenset({"protocol", "protocol_port", "loadbalancer_id"}),
    "pools": frozenset({"protocol", "lb_algorithm", "loadbalancer_id"}),
    "healthmonitors": frozenset({"type", "delay", "timeout", "max_retries", "pool_id"}),
    "members": frozenset({"address", "protocol_port"}),
}
CHANGEABLE: Mapping[str, frozenset[str]] = {
    "loadbalancers": frozenset({"name", "description", "tags"}),
    "listeners": frozenset(
        {"name", "description", "default_pool_id", "timeout_client_data", "timeout_member_data", "allowed_cidrs"}
    ),
    "pools": frozenset({"name", "description", "lb_algorithm"}),
    "healthmonitors": frozenset(
        {"name", "delay", "timeout", "max_retries", "max_retries_down", "url_path", "http_method", "expected_codes"}
    ),
    "members": frozenset({"name", "weight", "backup", "monitor_port"}),
}
CREATED: Mapping[str, frozenset[str]] = {
    kind: _MANDATORY[kind] | CHANGEABLE[kind] | ({"vip_address"} if kind == "loadbalancers" else frozenset())
    for kind in KINDS
}
_OF_HTTP = ("url_path", "http_method", "expected_codes")


def fault(status: int, words: str) -> Answer:
    """As Octavia says what is wrong."""
    kind = "Client" if status < 500 else "Server"
    return status, {"faultcode": kind, "faultstring": words, "debuginfo": None}


def find_wrong(
    kind: str, made: Mapping[str, Any], things: Things, *, known: Mapping[str, frozenset[str]] | None
) -> Answer | None:
    """Why it is refused; `known` are the attributes that a new one may have."""
    if known is not None:
        own = {key for key in made if key not in ("balancer", "pool")}
        if unknown := own - known[kind]:
            return fault(400, WRONG.format(sorted(unknown)))
        if lacking := _MANDATORY[kind] - own:
            return fault(400, f"Invalid input for field/attribute {sorted(lacking)}. Mandatory field missing.")
    if any(len(str(made.get(key) or "")) > 255 for key in ("name", "description")):
        return fault(
            400, "Invalid input for field/attribute name. Value should have a maximum character requirement of 255"
        )
    others = [one for one in things[kind].values() if one["id"] != made.get("id")]
    if kind != "loadbalancers" and made.get("balancer") not in things["loadbalancers"]:
        return fault(404, f"Load Balancer {made.get('balancer')} not found.")
    return next(_wrong(kind, made, others, things), None)


def _wrong(kind: str, made: Mapping[str, Any], others: Iterable[Mapping[str, Any]], things: Things) -> Iterator[Answer]:
    match kind:
        case "listeners":
            yield from _wrong_listener(made, others, things)
        case "healthmonitors":
            yield from _wrong_monitor(made, others, things)
        case "pools" if made["protocol"] not in ("TCP", "UDP", "HTTP", "HTTPS", "PROXY"):
            yield fault(400, f"Invalid input for field/attribute protocol. Value: '{made['protocol']}'.")
        case "members":
            place = (made["address"], made["protocol_port"])
            if any(one["pool"] == made["pool"] and (one["address"], one["protocol_port"]) == place for one in others):
                words = f"Another member on this pool is already using ip {place[0]} on protocol_port {place[1]}"
                yield fault(409, words)
        case _:
            return


def _wrong_listener(made: Mapping[str, Any], others: Iterable[Mapping[str, Any]], things: Things) -> Iterator[Answer]:
    if made["protocol"] not in ("TCP", "UDP") or not 1 <= int(made["protocol_port"]) <= 65535:
        yield fault(400, f"Invalid input for field/attribute protocol. Value: '{made['protocol']}'.")
    place = (made["balancer"], made["protocol"], made["protocol_port"])
    if any((one["balancer"], one["protocol"], one["protocol_port"]) == place for one in others):
        words = "Another Listener on this Load Balancer is already using protocol"
        yield fault(409, f"{words} {made['protocol']} and protocol_port {made['protocol_port']}")
    pool = things["pools"].get(str(made.get("default_pool_id")))
    if made.get("default_pool_id") and (pool is None or pool["balancer"] != made["balancer"]):
        yield fault(404, f"Pool {made['default_pool_id']} not found.")
    if pool is not None and pool["protocol"] != made["protocol"]:
        words = f"Listener protocol '{made['protocol']}' and pool protocol '{pool['protocol']}' are not compatible."
        yield fault(400, f"Validation failure: {words}")
    if any(not 0 <= int(made.get(key, 0)) <= 365 * _DAY_MS for key in ("timeout_client_data", "timeout_member_data")):
        yield fault(400, "Invalid input for field/attribute timeout_client_data.")
    for cidr in made.get("allowed_cidrs") or ():
        if ipaddress.ip_network(cidr).version != 4:
            yield fault(400, f"Validation failure: CIDR {cidr} IP version incompatible with all VIPs IP version.")


def _wrong_monitor(made: Mapping[str, Any], others: Iterable[Mapping[str, Any]], things: Things) -> Iterator[Answer]:
    pool, type_ = things["pools"].get(str(made["pool_id"])), str(made["type"])
    if pool is None:
        yield fault(404, f"Pool {made['pool_id']} not found.")
        return
    if any(one["pool_id"] == made["pool_id"] for one in others):
        yield fault(409, "This pool already has a health monitor")
    if pool["protocol"] == "UDP" and type_ not in ("UDP-CONNECT", "TCP", "HTTP"):
        yield fault(400, "Validation failure: The associated pool protocol is UDP, so only a UDP-CONNECT/TCP/HTTP is.")
    if type_ not in ("HTTP", "HTTPS") and any(made.get(key) for key in _OF_HTTP):
        yield fault(400, f"url_path is not a valid option for health monitors of type {type_}")
    if any(not 1 <= int(made.get(key, 1)) <= 10 for key in ("max_retries", "max_retries_down")):
        yield fault(400, "Invalid input for field/attribute max_retries.")
    if int(made["timeout"]) > int(made["delay"]):
        yield fault(400, "Validation failure: The delay must be larger than the timeout.")
