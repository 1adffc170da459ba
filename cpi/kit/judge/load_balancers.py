"""Load balancers that templates add, judged by what every cloud takes and what one can express. Pure.

Takes a balancer, its spec and a cloud's abilities, gives findings.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator

from cpi.contract.landing_parts import ANY, BalancerRuleSpec, LoadBalancerSpec, NatRuleSpec, ProbeSpec
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import LandingSpec
from cpi.kit.judge import part_abilities
from cpi.kit.judge.part_abilities import BALANCERS, PartAbilities

_LAST_PORT = 65534
_IDLE_MINUTES = (4, 100)
_LONGEST_PATH = 255
_NATS = "nat_rules"


def of_balancer(balancer: LoadBalancerSpec, spec: LandingSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    """All findings about it, its rules and its probes; none about these where the cloud has no balancers."""
    yield from _front(balancer, spec)
    probes = {probe.name for probe in balancer.probes}
    for rule in balancer.rules:
        if rule.probe and rule.probe not in probes:
            yield part_abilities.unknown(_path(balancer, "rules", rule.name), "probe", rule.probe, known=probes)
    if BALANCERS in abilities.missing:
        return
    if not spec.networks:
        why = "The environment is in networks of your own, and has no landing zone to put one into."
        yield part_abilities.refused((BALANCERS, balancer.name), "a load balancer", abilities, why=why)
    if balancer.network and abilities.no_inner_front:
        thing = "a load balancer's front end inside of a network"
        yield part_abilities.refused((BALANCERS, balancer.name), thing, abilities, why=abilities.no_inner_front)
    yield from _twice(balancer, abilities)
    for rule in balancer.rules:
        yield from _rule(balancer, rule, abilities)
    for one in balancer.nat_rules:
        yield from _nat_rule(balancer, one, abilities)
    for probe in balancer.probes:
        yield from _probe(balancer, probe, abilities)


def _front(balancer: LoadBalancerSpec, spec: LandingSpec) -> Iterator[PartFinding]:
    path, title = (BALANCERS, balancer.name), f"Load balancer '{balancer.name}'"
    if bool(balancer.public_name) == bool(balancer.network):
        why = "It has either a public address or a network."
        yield part_abilities.invalid(path, f"{title} has no single front.", why=why)
    if balancer.public_name and balancer.public_name not in spec.public_names:
        yield part_abilities.unknown(path, "public address", balancer.public_name, known=spec.public_names)
    ranges = {**spec.networks, **spec.created_networks}
    if balancer.network and balancer.network not in ranges:
        yield part_abilities.unknown(path, "network", balancer.network, known=ranges)
    elif balancer.address and not _is_in(balancer.address, ranges.get(balancer.network, "")):
        why = f"{balancer.address} is not an address in {balancer.network} ({ranges.get(balancer.network, 'none')})."
        yield part_abilities.invalid(path, f"{title} has no such front.", why=why)


def _twice(balancer: LoadBalancerSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    """Names within a balancer, and ports of its front."""
    listed: Iterable[BalancerRuleSpec | NatRuleSpec | ProbeSpec]
    for what, listed in (("rules", balancer.rules), (_NATS, balancer.nat_rules), ("probes", balancer.probes)):
        for name in _repeated(part.name for part in listed):
            title = f"Load balancer '{balancer.name}' has two {what} called '{name}'."
            yield part_abilities.invalid(_path(balancer, what, name), title, why="A name is unique.")
    rules: tuple[BalancerRuleSpec | NatRuleSpec, ...] = (*balancer.rules, *balancer.nat_rules)
    for at, rule in enumerate(rules):
        for other in rules[:at]:
            why = f"Rule '{other.name}' has port {other.port} already."
            if rule.port != other.port:
                continue
            if rule.protocol == other.protocol or ANY in (rule.protocol, other.protocol):
                yield _invalid_rule(balancer, rule, why)
            elif not abilities.shares_ports:
                path = _path(balancer, _kind(rule), rule.name)
                yield part_abilities.refused(path, "rules for TCP and UDP at one port", abilities, why=why)


def _rule(balancer: LoadBalancerSpec, rule: BalancerRuleSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    """A rule for any protocol is for all ports, which Azure writes as 0."""
    ports = (rule.port, rule.machine_port)
    if rule.protocol == ANY and ports != (0, 0):
        yield _invalid_rule(balancer, rule, f"A rule for all protocols has the ports 0 and 0, not {ports}.")
    elif rule.protocol != ANY:
        yield from _ports(balancer, rule)
    yield from _idle(balancer, rule)
    if _is_refused(balancer, rule, abilities):
        yield _refused_protocol(balancer, rule, abilities)
    elif rule.protocol in abilities.unprobed and not rule.probe:
        yield _refused_unprobed(balancer, rule, abilities)


def _nat_rule(balancer: LoadBalancerSpec, rule: NatRuleSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    """It has no probe, and leads from one port to one port."""
    if abilities.no_nat_rules:
        path = _path(balancer, _NATS, rule.name)
        yield part_abilities.refused(path, "an inbound NAT rule", abilities, why=abilities.no_nat_rules)
        return
    yield from _ports(balancer, rule)
    yield from _idle(balancer, rule)
    if _is_refused(balancer, rule, abilities):
        yield _refused_protocol(balancer, rule, abilities)
    elif rule.protocol in abilities.unprobed:
        yield _refused_unprobed(balancer, rule, abilities)


def _ports(balancer: LoadBalancerSpec, rule: BalancerRuleSpec | NatRuleSpec) -> Iterator[PartFinding]:
    for port in (rule.port, rule.machine_port):
        if not 1 <= port <= _LAST_PORT:
            yield _invalid_rule(balancer, rule, f"Its port {port} is not from 1 to {_LAST_PORT}.")


def _idle(balancer: LoadBalancerSpec, rule: BalancerRuleSpec | NatRuleSpec) -> Iterator[PartFinding]:
    least, most = _IDLE_MINUTES
    if not least <= rule.idle_minutes <= most:
        yield _invalid_rule(balancer, rule, f"Its idle timeout is {rule.idle_minutes}, not {least} to {most} minutes.")


def _is_refused(balancer: LoadBalancerSpec, rule: BalancerRuleSpec | NatRuleSpec, abilities: PartAbilities) -> bool:
    """Whether the cloud has no rules for its protocol at that front."""
    is_taken = abilities.balances_all_inside and not balancer.public_name
    return rule.protocol in abilities.refused_balancing and not is_taken


def _refused_protocol(
    balancer: LoadBalancerSpec, rule: BalancerRuleSpec | NatRuleSpec, abilities: PartAbilities
) -> PartFinding:
    word = "all protocols" if rule.protocol == ANY else rule.protocol.upper()
    path, why = _path(balancer, _kind(rule), rule.name), abilities.refused_balancing[rule.protocol]
    return part_abilities.refused(path, f"a load balancer's rule for {word}", abilities, why=why)


def _refused_unprobed(
    balancer: LoadBalancerSpec, rule: BalancerRuleSpec | NatRuleSpec, abilities: PartAbilities
) -> PartFinding:
    path, why = _path(balancer, _kind(rule), rule.name), abilities.unprobed[rule.protocol]
    return part_abilities.refused(path, f"a rule for {rule.protocol.upper()} without a probe", abilities, why=why)


def _probe(balancer: LoadBalancerSpec, probe: ProbeSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    path = _path(balancer, "probes", probe.name)
    if not 1 <= probe.port <= _LAST_PORT:
        yield _invalid_probe(balancer, probe, f"Its port {probe.port} is not from 1 to {_LAST_PORT}.")
    if probe.path and not _is_path(probe.path):
        why = f"'{probe.path[:40]}' is not a path: '/' and printable characters, {_LONGEST_PATH} at most."
        yield _invalid_probe(balancer, probe, why)
    if probe.interval_s < PartAbilities(cloud="").probe_seconds[0] or probe.unhealthy_after < 1:
        why = "Its interval is 5 seconds at least, and its number of failures 1 at least."
        yield _invalid_probe(balancer, probe, why)
        return
    for number, (least, most), thing in (
        (probe.interval_s, abilities.probe_seconds, f"a probe every {probe.interval_s} seconds"),
        (probe.unhealthy_after, abilities.probe_failures, f"a probe with {probe.unhealthy_after} failures"),
    ):
        if not least <= number <= most:
            yield part_abilities.refused(path, thing, abilities, why=f"It takes {least} to {most}.")


def _is_in(address: str, cidr: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False


def _is_path(text: str) -> bool:
    return text.startswith("/") and len(text) <= _LONGEST_PATH and all("!" <= letter <= "~" for letter in text)


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _path(balancer: LoadBalancerSpec, *steps: str) -> tuple[str, ...]:
    return (BALANCERS, balancer.name, *steps)


def _kind(rule: BalancerRuleSpec | NatRuleSpec) -> str:
    """Where a spec has it."""
    return _NATS if isinstance(rule, NatRuleSpec) else "rules"


def _invalid_rule(balancer: LoadBalancerSpec, rule: BalancerRuleSpec | NatRuleSpec, why: str) -> PartFinding:
    title = f"Rule '{rule.name}' of load balancer '{balancer.name}' is not valid."
    return part_abilities.invalid(_path(balancer, _kind(rule), rule.name), title, why=why)


def _invalid_probe(balancer: LoadBalancerSpec, probe: ProbeSpec, why: str) -> PartFinding:
    title = f"Probe '{probe.name}' of load balancer '{balancer.name}' is not valid."
    return part_abilities.invalid(_path(balancer, "probes", probe.name), title, why=why)
