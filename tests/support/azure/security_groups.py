"""What the stand-in's network security groups let in to each private address.

Takes the store, gives rules. The groups of the interface and of its subnet must both let a connection in; behind a
group's own rules stand those that Azure puts into each.
Source: MicrosoftDocs/azure-docs articles/virtual-network/network-security-groups-overview.md.
"""

from collections.abc import Iterator, Mapping

from tests.support.azure.network import NIC
from tests.support.azure.store import Held, Json, Store, is_same
from tests.support.inbound_rules import ANYWHERE, LAST_PORT, Inbound, InboundRule

_PROTOCOLS = {"*": "", "tcp": "tcp", "udp": "udp"}
_Ranges = tuple[tuple[str, ...], tuple[str, ...]]


def read_inbound(store: Store) -> Mapping[str, Inbound]:
    """By private address."""
    return {
        config["properties"]["privateIPAddress"]: _inbound(store, nic, config["properties"])
        for nic in store.of_type(NIC)
        for config in nic.body["properties"].get("ipConfigurations", [])
    }


def _inbound(store: Store, nic: Held, config: Json) -> Inbound:
    subnet = store.need(config["subnet"]["id"])
    wide = _ranges_of_network(store, subnet)
    groups = [_group_of(store, one) for one in (subnet.body["properties"], nic.body["properties"])]
    lists = [tuple(_rules(store, group, wide, config["privateIPAddress"])) for group in groups if group is not None]
    return tuple(lists) or (_without_group(wide),)


def _ranges_of_network(store: Store, subnet: Held) -> tuple[str, ...]:
    network = store.need(subnet.id.rsplit("/subnets/", 1)[0])
    return tuple(network.body["properties"]["addressSpace"]["addressPrefixes"])


def _group_of(store: Store, properties: Json) -> Held | None:
    return store.find(properties.get("networkSecurityGroup", {}).get("id", ""))


def _without_group(wide: tuple[str, ...]) -> tuple[InboundRule, ...]:
    """A Standard public address without a security group accepts no traffic."""
    return (InboundRule(sources=wide),)


def _rules(store: Store, group: Held, wide: tuple[str, ...], address: str) -> Iterator[InboundRule]:
    written = [rule["properties"] for rule in group.body["properties"]["securityRules"]]
    inbound = sorted((rule for rule in written if rule["direction"] == "Inbound"), key=lambda rule: rule["priority"])
    for rule in inbound:
        if rule["protocol"].lower() in _PROTOCOLS and _is_for(rule, address, wide):
            yield from _read_rule(store, rule, wide)
    yield from _without_group(wide)  # AllowVnetInBound; the rest is DenyAllInBound


def _is_for(rule: Json, address: str, wide: tuple[str, ...]) -> bool:
    targets = _words(rule, "destinationAddressPrefix")
    ranges = [one for target in targets for one in _ranges(target, wide)[0]]
    return not targets or InboundRule(sources=tuple(ranges)).covers(address, 0)


def _read_rule(store: Store, rule: Json, wide: tuple[str, ...]) -> Iterator[InboundRule]:
    members = [f"{ip}/32" for group in rule.get("sourceApplicationSecurityGroups", []) for ip in _members(store, group)]
    sources: list[_Ranges] = [(tuple(members), ())] if members else []
    sources += [_ranges(word, wide) for word in _words(rule, "sourceAddressPrefix")]
    for ports in _words(rule, "destinationPortRange"):
        first, _, last = ("0", "", str(LAST_PORT)) if ports == "*" else ports.partition("-")
        for ranges, but in sources:
            yield InboundRule(
                sources=ranges,
                but=but,
                first_port=int(first),
                last_port=int(last or first),
                is_allowed=rule["access"] == "Allow",
                protocol=_PROTOCOLS[rule["protocol"].lower()],
            )


def _words(rule: Json, name: str) -> list[str]:
    """What is written in the singular, the plural, or both."""
    single = [str(rule[name])] if rule.get(name) else []
    return [*single, *(str(word) for plural in (f"{name}s", f"{name}es") for word in rule.get(plural, []))]


def _ranges(word: str, wide: tuple[str, ...]) -> _Ranges:
    """What a source means, and what of it does not count."""
    match word:
        case "*":
            return (ANYWHERE,), ()
        case "Internet":
            return (ANYWHERE,), wide
        case "VirtualNetwork":
            return wide, ()
    return (word if "/" in word else f"{word}/32",), ()


def _members(store: Store, group: Json) -> Iterator[str]:
    for nic in store.of_type(NIC):
        for config in nic.body["properties"].get("ipConfigurations", []):
            joined = config["properties"].get("applicationSecurityGroups", [])
            if any(is_same(one["id"], group["id"]) for one in joined):
                yield config["properties"]["privateIPAddress"]
