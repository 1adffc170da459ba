"""Rules of security groups and routes of route tables as lines: what exists is compared with what is wanted.

Takes parts of a landing zone, gives texts; equal parts have equal texts, however they are written.
"""

from collections.abc import Iterable

from cpi.contract.errors import NotSupportedError
from cpi.contract.landing_parts import (
    ANY,
    FRONT,
    BalancerRuleSpec,
    LoadBalancerSpec,
    NatGatewaySpec,
    NatRuleSpec,
    NetworkParts,
    ProbeSpec,
    RouteSpec,
    SecurityRuleSpec,
)


def rule_line(rule: SecurityRuleSpec) -> str:
    """A rule with all that it says."""
    traffic = f"{rule.access} {rule.direction} {_protocol(rule.protocol)}"
    source_ports = "" if set(rule.source_ports) == {ANY} else f" from ports {_several(rule.source_ports)}"
    places = f"from {_several(rule.sources)}{source_ports} to {_several(rule.destinations)}"
    return f"{rule.name}: {traffic} {_several(rule.ports)} {places}, priority {rule.priority}"


def route_line(route: RouteSpec) -> str:
    """A route with all that it says."""
    return f"{route.name}: {route.prefix} to {route.address or route.next_hop}"


def gateway_lines(gateway: NatGatewaySpec) -> tuple[str, ...]:
    """A line for each address of a NAT gateway, and its idle timeout."""
    return (*(f"address {name}" for name in gateway.addresses), f"idle after {gateway.idle_minutes} minutes")


def network_lines(parts: NetworkParts) -> tuple[str, ...]:
    """A line for each part that leads out of a network."""
    table = (f"route table {parts.route_table}",) if parts.route_table else ()
    return (*table, f"NAT gateway {parts.nat_gateway}") if parts.nat_gateway else table


def balancer_lines(balancer: LoadBalancerSpec) -> tuple[str, ...]:
    """A line for its front, and one for each rule, with its probe."""
    probes = {probe.name: probe for probe in balancer.probes}
    front = front_line(public_name=balancer.public_name, network=balancer.network, address=balancer.address)
    rules = (balancing_line(rule, probes.get(rule.probe)) for rule in balancer.rules)
    return (front, *rules, *map(nat_line, balancer.nat_rules))


def front_line(*, public_name: str = "", network: str = "", address: str = "") -> str:
    """What is in front of a load balancer."""
    return f"{FRONT}public address {public_name}" if public_name else f"{FRONT}{address or 'any'} in {network}"


def require_front(name: str, wanted: tuple[str, ...] | None, there: Iterable[str]) -> None:
    """Raises NotSupportedError, code landing-part-refused, where a balancer that is there has another front."""
    old = [line for line in there if line.startswith(FRONT)]
    new = [line for line in wanted or () if line.startswith(FRONT)]
    if old and new and old != new:
        raise NotSupportedError(
            "landing-part-refused",
            f"The front end of load balancer '{name}' cannot be changed.",
            why=f"It has '{old[0]}', and is to have '{new[0]}'.",
            fix="Give it another name in the template; the old one stays until `compleat down`.",
        )


def balancing_line(rule: BalancerRuleSpec, probe: ProbeSpec | None) -> str:
    """A rule of a load balancer with all that it says."""
    traffic = f"{rule.name}: {_protocol(rule.protocol)} {rule.port} to {rule.machine_port}"
    return f"{traffic}, {_probing(probe) if probe else 'not probed'}, idle after {rule.idle_minutes} minutes"


def nat_line(rule: NatRuleSpec) -> str:
    """A rule that leads to one machine with all that it says."""
    traffic = f"{rule.name}: {_protocol(rule.protocol)} {rule.port} to {rule.machine_port} of one VM"
    return f"{traffic}, idle after {rule.idle_minutes} minutes"


def differs(wanted: tuple[str, ...] | None, there: Iterable[str]) -> bool:
    """Whether entries have to change; None is left as it is."""
    return wanted is not None and set(wanted) != set(there)


def _protocol(protocol: str) -> str:
    return "any protocol" if protocol == ANY else protocol


def _probing(probe: ProbeSpec) -> str:
    what = f"{probe.protocol} {probe.port}{f' {probe.path}' if probe.path else ''}"
    return f"probed by {what} every {probe.interval_s} s, out after {probe.unhealthy_after} failures"


def _several(texts: Iterable[str]) -> str:
    found = sorted({text.lower() for text in texts})
    return "any" if ANY in found else ",".join(found)
