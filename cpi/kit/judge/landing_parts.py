"""The parts that templates add to a landing zone, judged by what a cloud can express. Pure.

Takes a spec and a cloud's abilities, gives findings that name the part: what is wrong on every cloud, what this one
cannot express, and what has no effect here.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator

from cpi.contract import landing_parts
from cpi.contract.errors import NotSupportedError
from cpi.contract.landing_parts import (
    ANY,
    BALANCER_PREFIX,
    INTERNET_PREFIX,
    NETWORK_PREFIX,
    JoinedParts,
    RouteSpec,
    SecurityRuleSpec,
)
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import Finding, LandingSpec
from cpi.kit.judge import load_balancers, part_abilities, storage_accounts, template_images
from cpi.kit.judge.part_abilities import PartAbilities

GROUPS, TABLES, NATS = "security_groups", "route_tables", "nat_gateways"
BALANCERS, SETS, NETWORKS = part_abilities.BALANCERS, "availability_sets", "network_parts"
ACCOUNTS, IMAGES = storage_accounts.ACCOUNTS, template_images.IMAGES
_TITLES = {
    GROUPS: "security group",
    TABLES: "route table",
    NATS: "NAT gateway",
    BALANCERS: "load balancer",
    SETS: "availability set",
    ACCOUNTS: "storage account",
    IMAGES: "image",
}
_NO_ZONE = "The environment is in networks of your own, and has no landing zone to put one into."
_LAST_PORT = 65535
_PRIORITIES = (100, 4096)
_NAT_IDLE_MINUTES = (4, 120)


def landing_parts_of(spec: LandingSpec, abilities: PartAbilities) -> tuple[PartFinding, ...]:
    """All findings, in the order in which the spec has the parts."""
    return (
        *_kinds(spec, abilities),
        *_references(spec),
        *(found for group in spec.security_groups for found in _group(group, abilities)),
        *(found for table in spec.route_tables for found in _table(table, abilities)),
        *(found for balancer in spec.load_balancers for found in load_balancers.of_balancer(balancer, spec, abilities)),
        *(found for account in spec.storage_accounts for found in storage_accounts.of_account(account, abilities)),
        *(found for image in spec.images for found in template_images.of_image(image, abilities)),
    )


def ranges_of(prefix: str, spec: LandingSpec) -> tuple[str, ...]:
    """The IPv4 ranges that a word or a range of a rule means."""
    if prefix in (ANY, INTERNET_PREFIX):
        return ("0.0.0.0/0",)
    if prefix == NETWORK_PREFIX:
        ranges = (*spec.networks.values(), *spec.created_networks.values())
        return tuple(cidr for cidr in ranges if ":" not in cidr)
    return (str(ipaddress.ip_network(prefix, strict=False)),)


def port_range(text: str) -> tuple[int, int]:
    """First and last port."""
    first, _, last = ("0", "", str(_LAST_PORT)) if text == ANY else text.partition("-")
    return int(first), int(last or first)


def required_group(spec: LandingSpec, joined: JoinedParts, abilities: PartAbilities) -> str:
    """The one group of a machine where groups do not narrow each other: its own, or its network's; "" for none.

    Raises NotSupportedError, code landing-part-refused, for two.
    """
    of_network = spec.network_parts.get(joined.network, landing_parts.NetworkParts()).security_group
    names = tuple(dict.fromkeys(name for name in (of_network, joined.security_group) if name))
    if len(names) > 1:
        raise NotSupportedError(
            part_abilities.REFUSED,
            f"{abilities.cloud} cannot express the security groups {names[0]} of a network and {names[1]} of a machine "
            "in it.",
            why="On Azure both must allow the traffic; here it is allowed where one of them does.",
            fix="Name one security group in the template, at the network or at the machine's interface.",
        )
    return names[0] if names else ""


def fatal(findings: Iterable[PartFinding]) -> Iterator[Finding]:
    """Those that nothing may be created with."""
    return (one.finding for one in findings if one.finding.is_fatal)


def _kinds(spec: LandingSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    for kind, title in _TITLES.items():
        parts = getattr(spec, kind)
        for name, count in Counter(part.name for part in parts).items():
            if count > 1:
                yield part_abilities.invalid(
                    (kind, name), f"The landing zone has two of {title} '{name}'.", why="A name is unique."
                )
        for part in parts:
            if kind in abilities.missing:
                yield part_abilities.refused((kind, part.name), _one(title), abilities, why=abilities.missing[kind])
            elif kind in abilities.unused:
                yield part_abilities.unused((kind, part.name), title, abilities, why=abilities.unused[kind])
            elif kind in (TABLES, NATS) and not spec.networks:
                yield part_abilities.refused((kind, part.name), _one(title), abilities, why=_NO_ZONE)
            if kind != IMAGES and part.name in abilities.reserved:
                why = "The landing zone has one of its own with that name."
                yield part_abilities.invalid((kind, part.name), f"A {title} cannot be called '{part.name}'.", why=why)


def _one(title: str) -> str:
    return f"{'an' if title[0] in 'aeiou' else 'a'} {title}"


def _references(spec: LandingSpec) -> Iterator[PartFinding]:
    known = {kind: {part.name for part in getattr(spec, kind)} for kind in _TITLES}
    for network, parts in spec.network_parts.items():
        named = {GROUPS: parts.security_group, TABLES: parts.route_table, NATS: parts.nat_gateway}
        ranges = {**spec.networks, **spec.created_networks}
        if network not in ranges:
            yield part_abilities.unknown((NETWORKS, network), "network", network, known=ranges)
        for kind, name in named.items():
            if name and name not in known[kind]:
                yield part_abilities.unknown((NETWORKS, network), _TITLES[kind], name, known=known[kind])
    first, last = _NAT_IDLE_MINUTES
    for nat in spec.nat_gateways:
        if not first <= nat.idle_minutes <= last:
            what = f"NAT gateway '{nat.name}' has an idle timeout of {nat.idle_minutes} minutes."
            yield part_abilities.invalid((NATS, nat.name), what, why=f"It is from {first} to {last} minutes.")
        for name in nat.addresses:
            if name not in spec.public_names:
                yield part_abilities.unknown((NATS, nat.name), "public address", name, known=spec.public_names)


def _group(group: landing_parts.SecurityGroupSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    places: set[tuple[str, int]] = set()
    for rule in group.rules:
        path = (GROUPS, group.name, "rules", rule.name)
        title = f"Rule '{rule.name}' of security group '{group.name}'"
        for wrong in _faults(rule):
            yield part_abilities.invalid(path, f"{title} is not valid.", why=wrong)
        if (rule.direction, rule.priority) in places:
            why = f"Another {rule.direction} rule of the group has priority {rule.priority}."
            yield part_abilities.invalid(path, f"{title} is not valid.", why=why)
        places.add((rule.direction, rule.priority))
        if not abilities.has_deny_rules and GROUPS not in (abilities.missing.keys() | abilities.unused.keys()):
            for thing, why in _inexpressible(rule):
                yield part_abilities.refused(path, thing, abilities, why=why)


def _faults(rule: SecurityRuleSpec) -> Iterator[str]:
    first, last = _PRIORITIES
    if not first <= rule.priority <= last:
        yield f"Its priority {rule.priority} is not from {first} to {last}."
    for text in (*rule.ports, *rule.source_ports):
        if not _is_port(text):
            yield f"'{text}' is neither a port, nor a range such as 8000-8100, nor {ANY}."
    for prefix in (*rule.sources, *rule.destinations):
        if prefix not in (ANY, INTERNET_PREFIX, NETWORK_PREFIX, BALANCER_PREFIX) and not _is_range(prefix):
            yield f"'{prefix}' is neither an IP range, nor {ANY}, {INTERNET_PREFIX}, {NETWORK_PREFIX}."


def _inexpressible(rule: SecurityRuleSpec) -> Iterator[tuple[str, str]]:
    """Where groups have no order and only allow: what would have to be denied, and what they do not look at."""
    if rule.access == "deny":
        yield "a rule that denies", "Its security groups have rules that allow, without an order; the rest is refused."
    if set(rule.source_ports) != {ANY}:
        yield "a rule with source ports", "Its security groups look at the port of the destination alone."
    if rule.direction == "inbound" and not set(rule.destinations) <= {ANY, NETWORK_PREFIX}:
        yield "an inbound rule for some destinations", "A rule is for all addresses of the machines in the group."
    if BALANCER_PREFIX in (*rule.sources, *rule.destinations):
        yield f"a rule about {BALANCER_PREFIX}", "The word means addresses of Azure alone."
    if any(":" in prefix for prefix in (*rule.sources, *rule.destinations)):
        yield "a rule with IPv6 ranges", "The landing zone's networks have IPv4 addresses."


def _table(table: landing_parts.RouteTableSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    prefixes = Counter(route.prefix for route in table.routes)
    for route in table.routes:
        path = (TABLES, table.name, "routes", route.name)
        twice = [f"Another route of the table has the range {route.prefix}."] if prefixes[route.prefix] > 1 else []
        for wrong in (*_route_faults(route), *twice):
            yield part_abilities.invalid(
                path, f"Route '{route.name}' of route table '{table.name}' is not valid.", why=wrong
            )
        if route.next_hop in abilities.refused_hops:
            why = abilities.refused_hops[route.next_hop]
            yield part_abilities.refused(path, f"a route with next hop '{route.next_hop}'", abilities, why=why)


def _route_faults(route: RouteSpec) -> Iterator[str]:
    if not _is_range(route.prefix):
        yield f"'{route.prefix}' is not an IP range."
    if (route.next_hop == "appliance") != bool(route.address):
        yield "A route has the address of its next hop if that is an appliance, and only then."
    elif route.address and not _is_address(route.address):
        yield f"'{route.address}' is not an IP address."


def _is_port(text: str) -> bool:
    first, dash, last = text.partition("-")
    words = (first, last) if dash else (first,)
    numbers = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) <= len(str(_LAST_PORT))]
    is_range = len(numbers) == len(words) and numbers == sorted(numbers) and numbers[-1] <= _LAST_PORT
    return text == ANY or is_range


def _is_range(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
