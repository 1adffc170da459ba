"""What Neutron and Octavia do not express of the parts that templates add, before anything is created. Pure.

Takes a spec, gives findings that name the part; and what a machine behind a load balancer cannot have.
"""

from collections.abc import Iterable, Iterator

from cpi.clouds.openstack.landing import balancer_layout
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import NotSupportedError
from cpi.contract.landing_parts import (
    ANY,
    NETWORK_PREFIX,
    BalancerRuleSpec,
    JoinedParts,
    LoadBalancerSpec,
    NatRuleSpec,
    RouteSpec,
    SecurityGroupSpec,
    SecurityRuleSpec,
)
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import LandingSpec
from cpi.kit import judge, ranges
from cpi.kit.judge import PartAbilities, part_abilities
from cpi.kit.judge.landing_parts import BALANCERS, GROUPS, TABLES

_USUAL_IDLE_MINUTES = 4


def balancer_findings(spec: LandingSpec, abilities: PartAbilities, *, is_there: bool) -> Iterator[PartFinding]:
    """Of each load balancer; `is_there` says whether the catalogue has Octavia."""
    for balancer in spec.load_balancers:
        path = (BALANCERS, balancer.name)
        if not is_there:
            why = "The catalogue of the cloud has no load-balancer service (Octavia) for this project and region."
            yield part_abilities.refused(path, "a load balancer", abilities, why=why)
        yield from _rule_findings(balancer, abilities)
    own = {balancer_layout.members_group(one.name): one.name for one in spec.load_balancers}
    for group in spec.security_groups:
        if group.name in own:
            why = f"The group by which load balancer '{own[group.name]}' reaches its machines has that name."
            what = f"A security group cannot be called '{group.name}'."
            yield part_abilities.invalid((GROUPS, group.name), what, why=why)


def route_findings(spec: LandingSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    """Routes that say something else than what the landing zone's router does: it leads to the zone's networks, and
    everything else out.
    """
    for table in spec.route_tables:
        for route in table.routes:
            why = _other_way(route, spec)
            if why:
                path = (TABLES, table.name, "routes", route.name)
                thing = f"a route with next hop '{route.next_hop}' to {route.prefix}"
                yield part_abilities.refused(path, thing, abilities, why=why)


def require_open(
    spec: LandingSpec, joined: JoinedParts, group: str, *, config: OpenStackConfig, abilities: PartAbilities
) -> None:
    """Refuse a machine behind a load balancer whose own group lets in less than the balancer: Octavia connects from
    addresses of its own, so that the group does not see the clients. Raises NotSupportedError, landing-part-refused.
    """
    found = next((one for one in spec.security_groups if one.name == group), None)
    if found is None:
        return
    ways = (
        (balancer, rule, client)
        for balancer in spec.load_balancers
        for rule in balancer_layout.joined_rules(balancer, joined)
        for client in balancer_layout.clients(balancer, spec, config)
    )
    for balancer, rule, client in ways:
        if not _lets_in(found, rule, client, spec=spec):
            raise _closed(abilities, balancer, rule, group=group, client=client)


def _other_way(route: RouteSpec, spec: LandingSpec) -> str:
    """ "" for a route that the router has, or whose next hop is refused anyway."""
    is_inside = any(ranges.is_within(route.prefix, one) for one in judge.ranges_of(NETWORK_PREFIX, spec))
    match route.next_hop:
        case "internet" | "network" if ":" in route.prefix:
            return "The landing zone's networks have IPv4 addresses."
        case "internet" if is_inside:
            return "The landing zone's router leads to its own networks directly."
        case "network" if not is_inside:
            return "The landing zone's router leads to ranges of its own networks, and everything else out."
        case _:
            return ""


def _rule_findings(balancer: LoadBalancerSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    probes = {probe.name: probe for probe in balancer.probes}
    udp: Iterable[tuple[str, BalancerRuleSpec | NatRuleSpec]] = (
        *(("rules", one) for one in balancer.rules if one.protocol == "udp"),
        *(("nat_rules", one) for one in balancer.nat_rules if one.protocol == "udp"),
    )
    for kind, rule in udp:
        path = (BALANCERS, balancer.name, kind, rule.name)
        probe = probes.get(rule.probe) if isinstance(rule, BalancerRuleSpec) else None
        if probe is not None and probe.protocol == "https":
            why = "Octavia probes machines behind UDP by TCP or HTTP."
            yield part_abilities.refused(path, "a rule for UDP that is probed by HTTPS", abilities, why=why)
        if rule.idle_minutes != _USUAL_IDLE_MINUTES:
            why = "Octavia has idle timeouts for connections of TCP alone."
            yield part_abilities.unused(path, "idle timeout of rule", abilities, why=why)


def _lets_in(group: SecurityGroupSpec, rule: BalancerRuleSpec | NatRuleSpec, client: str, *, spec: LandingSpec) -> bool:
    return any(
        one.direction == "inbound"
        and one.access == "allow"
        and one.protocol in (ANY, rule.protocol)
        and any(_has(ports, rule.machine_port) for ports in one.ports)
        and _is_from(one, client, spec)
        for one in group.rules
    )


def _has(ports: str, port: int) -> bool:
    first, last = judge.port_range(ports)
    return first <= port <= last


def _is_from(rule: SecurityRuleSpec, client: str, spec: LandingSpec) -> bool:
    sources = (one for written in rule.sources for one in judge.ranges_of(written, spec))
    return any(ranges.is_within(client, source) for source in sources)


def _closed(
    abilities: PartAbilities,
    balancer: LoadBalancerSpec,
    rule: BalancerRuleSpec | NatRuleSpec,
    *,
    group: str,
    client: str,
) -> NotSupportedError:
    return NotSupportedError(
        part_abilities.REFUSED,
        f"{abilities.cloud} cannot keep clients of load balancer '{balancer.name}' from a machine behind it.",
        why=f"Rule '{rule.name}' lets in {client}, and security group '{group}' does not at {rule.protocol} "
        f"{rule.machine_port}; connections come from Octavia's own addresses, so the group does not see the clients.",
        fix=f"Allow {client} in the security group, remove the load balancer's rule, or for a public address change "
        "public_sources in the environment's file.",
    )
