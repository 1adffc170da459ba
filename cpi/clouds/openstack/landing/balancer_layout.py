"""Load balancers of templates on OpenStack: a listener of Octavia for each rule, with a pool of its own. Pure.

Takes a spec, gives resources, what a machine behind a balancer has, and the lines of what exists. A pool's name says
where its members serve, so that a machine whose port changes has another pool, and one whose probe changes keeps its.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpi.clouds.openstack.landing import layout
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.landing_parts import (
    BalancerProtocol,
    BalancerRuleSpec,
    JoinedParts,
    LoadBalancerSpec,
    NatRuleSpec,
    ProbeProtocol,
    ProbeSpec,
)
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue, LandingResource, LandingSpec
from cpi.kit import part_entries

CloudAnswer = Mapping[str, Any]

BALANCER = "load_balancer"
PUBLIC, ANY, CHOSEN = "public", "any", "chosen"
"""What the description of a load balancer says of its front: a public address, any address in its subnet, or one."""

_WORLD = "0.0.0.0/0"
_NAT = "nat"
_PROBES: Mapping[str, ProbeProtocol] = {"TCP": "tcp", "HTTP": "http", "HTTPS": "https"}
_HEALTHY_AFTER = 2
_LONGEST_TIMEOUT_S = 10
_MS_PER_MINUTE = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancerParts:
    """What a load balancer has, as Octavia lists it; `monitors` and `members` by the pool's id."""

    listeners: Sequence[CloudAnswer] = ()
    pools: Sequence[CloudAnswer] = ()
    monitors: Mapping[str, CloudAnswer]
    members: Mapping[str, Sequence[CloudAnswer]]


def resources(spec: LandingSpec, config: OpenStackConfig, environment: str) -> Iterator[LandingResource]:
    """Each balancer after the group that lets it reach its machines."""
    for balancer in spec.load_balancers:
        network, sources = front_network(balancer, spec), _sources(balancer, config)
        address = (layout.ROUTER, balancer.public_name) if balancer.public_name else ()
        yield _members_group(balancer, spec)
        limits = tuple(f"lets in {one}" for one in sources if balancer.rules or balancer.nat_rules)
        yield LandingResource(
            kind=BALANCER,
            name=balancer.name,
            after=(layout.subnet_name(network), *address),
            properties={
                "subnet": layout.subnet_name(network),
                "network": balancer.network,
                "public_name": balancer.public_name,
                "address": balancer.address,
                "rules": list(_rules(balancer, environment, sources)),
            },
            entries=(*part_entries.balancer_lines(balancer), *limits),
        )


def front_network(balancer: LoadBalancerSpec, spec: LandingSpec) -> str:
    """Where the address of a balancer is; behind a public one it is in the landing zone's first network."""
    return balancer.network or min(spec.networks)


def joined_pools(balancer: LoadBalancerSpec, joined: JoinedParts, environment: str) -> Iterator[tuple[str, int]]:
    """Names and ports of the pools that a machine is in: those of rules for all, if it is behind it, and of the rules
    that lead to it alone.
    """
    for rule in joined_rules(balancer, joined):
        yield pool_name(balancer.name, rule, environment), rule.machine_port


def joined_rules(balancer: LoadBalancerSpec, joined: JoinedParts) -> Iterator[BalancerRuleSpec | NatRuleSpec]:
    """The rules that lead to a machine."""
    if balancer.name in joined.load_balancers:
        yield from balancer.rules
    yield from (one for one in balancer.nat_rules if f"{balancer.name}/{one.name}" in joined.nat_rules)


def pool_names(resource: LandingResource) -> Iterator[str]:
    """The names of the pools that come with a balancer."""
    return (str(rule["pool"]) for rule in each(resource.properties["rules"]))


def pool_name(balancer: str, rule: BalancerRuleSpec | NatRuleSpec, environment: str) -> str:
    """What the pool of a rule is called, in the whole project."""
    kind = f"{_NAT}-" if isinstance(rule, NatRuleSpec) else ""
    place = f"{kind}{rule.protocol}-{rule.machine_port}"
    return names.landing_name(environment, f"{balancer}/{rule.name}/{place}")


def members_group(balancer: str) -> str:
    """The security group that lets a balancer reach its machines."""
    return f"{balancer}-members"


def clients(balancer: LoadBalancerSpec, spec: LandingSpec, config: OpenStackConfig) -> tuple[str, ...]:
    """The ranges that reach its listeners: for a public one the environment's sources, else the landing zone's."""
    if balancer.public_name:
        return _sources(balancer, config) or (_WORLD,)
    return (*spec.networks.values(), *spec.created_networks.values())


def lines(parts: BalancerParts) -> tuple[str, ...]:
    """A line for each listener with its pool and its probe, and one for each range that alone is let in."""
    pools = {str(one["id"]): one for one in parts.pools}
    limits = {f"lets in {cidr}" for one in parts.listeners for cidr in one.get("allowed_cidrs") or ()}
    return (*(_line(one, pools, parts) for one in parts.listeners), *sorted(limits))


def each(value: Any) -> Iterator[Mapping[str, Any]]:
    """The rules in a resource's properties."""
    yield from value


def _sources(balancer: LoadBalancerSpec, config: OpenStackConfig) -> tuple[str, ...]:
    """The ranges that alone may come in; nothing where all may."""
    sources = tuple(config.public_sources)
    return sources if balancer.public_name and _WORLD not in sources else ()


def _members_group(balancer: LoadBalancerSpec, spec: LandingSpec) -> LandingResource:
    """Octavia's connections and probes come from addresses in the subnet of its front."""
    network = front_network(balancer, spec)
    source = {**spec.created_networks, **spec.networks}[network]
    ports: list[tuple[str, int]] = [(rule.protocol, rule.machine_port) for rule in _all_rules(balancer)]
    ports += [("tcp", probe.port) for probe in balancer.probes]
    rules: list[JsonValue] = [layout.inbound_rule(source, protocol, port) for protocol, port in dict.fromkeys(ports)]
    return layout.permitting_group(members_group(balancer.name), rules)


def _all_rules(balancer: LoadBalancerSpec) -> tuple[BalancerRuleSpec | NatRuleSpec, ...]:
    return (*balancer.rules, *balancer.nat_rules)


def _rules(balancer: LoadBalancerSpec, environment: str, sources: Sequence[str]) -> Iterator[dict[str, JsonValue]]:
    probes = {probe.name: probe for probe in balancer.probes}
    for rule in _all_rules(balancer):
        probe = None if isinstance(rule, NatRuleSpec) else probes.get(rule.probe)
        yield {
            "name": rule.name,
            "pool": pool_name(balancer.name, rule, environment),
            "protocol": rule.protocol.upper(),
            "port": rule.port,
            "timeout_ms": rule.idle_minutes * _MS_PER_MINUTE,
            "sources": list(sources),
            "probe_port": probe.port if probe else 0,
            "monitor": _monitor(probe) if probe else None,
        }


def _monitor(probe: ProbeSpec) -> dict[str, JsonValue]:
    """As Octavia takes it; a machine is back after two probes that succeed."""
    monitor: dict[str, JsonValue] = {
        "type": probe.protocol.upper(),
        "delay": probe.interval_s,
        "timeout": min(_LONGEST_TIMEOUT_S, probe.interval_s - 1),
        "max_retries": _HEALTHY_AFTER,
        "max_retries_down": probe.unhealthy_after,
    }
    if probe.protocol != "tcp":
        monitor |= {"url_path": probe.path or "/", "http_method": "GET", "expected_codes": "200"}
    return monitor


def _line(listener: CloudAnswer, pools: Mapping[str, CloudAnswer], parts: BalancerParts) -> str:
    pool = pools.get(str(listener.get("default_pool_id")))
    kind, protocol, port = _place(pool) if pool is not None else ("", "", 0)
    if pool is None or not port or protocol != str(listener["protocol"]).lower():
        return f"listener {listener['id']}"  # of somebody else: it is replaced
    name, minutes = str(listener.get("name") or ""), int(listener["timeout_client_data"]) // _MS_PER_MINUTE
    word: BalancerProtocol = "udp" if protocol == "udp" else "tcp"
    if kind:
        return part_entries.nat_line(
            NatRuleSpec(
                name=name, protocol=word, port=listener["protocol_port"], machine_port=port, idle_minutes=minutes
            )
        )
    rule = BalancerRuleSpec(
        name=name, protocol=word, port=listener["protocol_port"], machine_port=port, idle_minutes=minutes
    )
    monitor = parts.monitors.get(str(pool["id"]))
    return part_entries.balancing_line(rule, _read_probe(monitor, pool, port) if monitor is not None else None)


def _place(pool: CloudAnswer) -> tuple[str, str, int]:
    """The kind of rule that a pool is of, the protocol and the port; 0 of a pool with another name."""
    place = str(pool.get("name") or "").rpartition("/")[2]
    words = place.split("-")
    if len(words) not in (2, 3) or not words[-1].isdigit():
        return "", "", 0
    return (_NAT if words[0] == _NAT else ""), words[-2], int(words[-1])


def _read_probe(monitor: CloudAnswer, pool: CloudAnswer, port: int) -> ProbeSpec:
    note = names.read_note(pool.get("description"))
    protocol = _PROBES.get(str(monitor["type"]), "tcp")
    return ProbeSpec(
        name="",
        protocol=protocol,
        port=int(note.get(names.PROBE_PORT, port)),
        path=str(monitor.get("url_path") or "") if protocol != "tcp" else "",
        interval_s=int(monitor["delay"]),
        unhealthy_after=int(monitor["max_retries_down"]),
    )
