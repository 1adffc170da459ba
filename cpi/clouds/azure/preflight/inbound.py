"""What the operator's own security groups let in to a plan's VMs. Those of the landing zone are not looked at.

Takes VMs, asks for the groups of their interfaces and subnets once each, gives facts for the kit's judge.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpi.clouds.azure.machines import networks, vms
from cpi.clouds.azure.wire import config, names
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import DeniedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkSettings, VmRequest
from cpi.kit.judge import ANYWHERE, LAST_PORT, InboundFacts, InboundRule

Json = Mapping[str, Any]
_PROTOCOLS = {"*": "", "tcp": "tcp", "udp": "udp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Interface:
    """A VM's first, with the security groups of it and of its subnet, and the application groups that it joins.

    `wide` is the address space of its virtual network: what the tag VirtualNetwork means, without peerings and VPNs.
    """

    network: NetworkSettings
    subnet: Json
    wide: tuple[str, ...]
    groups: Sequence[Json]
    members: tuple[str, ...]


class InboundGroups:
    """Security groups, subnets and virtual networks, each looked up once."""

    def __init__(self, api: Api, settings: config.AzureConfig, places: ResourcePaths) -> None:
        self._api = api
        self._settings = settings
        self._places = places
        self._known: dict[str, Json | None] = {}

    def facts(self, vm: VmRequest) -> Iterator[InboundFacts]:
        """Of the VM's first interface; nothing where its network or groups are the landing zone's, or not there."""
        first = networks.split(vm)[0][0]
        subnet_id, found = networks.placed(first, self._places)
        properties = vms.read_properties(vm, self._settings)
        group = networks.group_of(properties, found, self._settings)
        subnet = self._get(subnet_id) if found.virtual_network_name or group else None
        if subnet is None:
            return
        own = networks.group_id(group, self._places) if group else ""
        of_subnet = str((subnet["properties"].get("networkSecurityGroup") or {}).get("id", ""))
        named = [id_ for id_ in (own, of_subnet) if id_]
        groups = [answer for id_ in named if (answer := self._get(id_)) is not None]
        if len(groups) < len(named) or (named and all(names.last(id_) == networks.LANDING for id_ in named)):
            return
        members = properties.application_security_groups or found.application_security_groups
        ids = tuple(map(self._member_id, members))
        wide = self._ranges(networks.network_path(subnet_id))
        yield _facts(vm, _Interface(network=first.main, subnet=subnet, wide=wide, groups=groups, members=ids))

    def _ranges(self, network_path: str) -> tuple[str, ...]:
        wide = self._get(network_path)
        return tuple(map(str, wide["properties"]["addressSpace"]["addressPrefixes"])) if wide else ()

    def _member_id(self, name: str) -> str:
        return self._places.path(names.ASG, name).lower()

    def _get(self, path: str) -> Json | None:
        """None also where the principal may not look: a VM is created there without that right."""
        key = path.lower()
        if key not in self._known:
            try:
                self._known[key] = self._api.get(path)
            except DeniedError:
                self._known[key] = None
        return self._known[key]


def _facts(vm: VmRequest, interface: _Interface) -> InboundFacts:
    wide, groups, members = interface.wide, interface.groups, interface.members
    is_public = networks.split(vm)[1] is not None
    inner = InboundRule(cidrs=wide)
    lists = tuple((*_rules(group, wide, members), inner) for group in groups)
    if not groups and is_public:
        lists = ((inner,),)  # a Standard public address without a security group lets nothing in from outside
    listed = ", ".join(f"'{one['name']}'" for one in groups)
    return InboundFacts(
        vm=vm.name,
        owner=vm.owner,
        named=f"Security group {listed}" if groups else "A public address without a security group",
        lists=lists,
        groups=members,
        address=interface.network.ip or "",
        subnet=str(networks.read_cidr(interface.subnet)),
        is_public=is_public,
    )


def _rules(group: Json, wide: tuple[str, ...], members: Sequence[str]) -> Iterator[InboundRule]:
    """In the order in which Azure asks them. What a rule is for beside members of groups is not looked at."""
    written = [rule["properties"] for rule in group["properties"].get("securityRules", ())]
    for rule in sorted(written, key=lambda one: int(one["priority"])):
        protocol = str(rule["protocol"]).lower()
        if rule["direction"] == "Inbound" and protocol in _PROTOCOLS and _is_for(rule, members):
            yield from _read_rule(rule, wide, protocol=_PROTOCOLS[protocol])


def _read_rule(rule: Json, wide: tuple[str, ...], *, protocol: str) -> Iterator[InboundRule]:
    """One for each range of ports and each source."""
    for (first, last), (cidrs, but) in itertools.product(_ports(rule), _sources(rule, wide)):
        yield InboundRule(
            protocol=protocol,
            first_port=first,
            last_port=last,
            cidrs=cidrs,
            but=but,
            groups=_groups(rule, "sourceApplicationSecurityGroups"),
            is_allowed=rule["access"] == "Allow",
        )


def _is_for(rule: Json, members: Sequence[str]) -> bool:
    named = _groups(rule, "destinationApplicationSecurityGroups")
    return not named or bool(set(named) & set(members))


def _ports(rule: Json) -> Iterator[tuple[int, int]]:
    for ports in _words(rule, "destinationPortRange"):
        first, _, last = ("0", "-", str(LAST_PORT)) if ports == "*" else ports.partition("-")
        yield int(first), int(last or first)


def _sources(rule: Json, wide: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Ranges, and what of them does not count. A service's tag may be any address."""
    words = _words(rule, "sourceAddressPrefix")
    if not words:
        yield (), ()
    for word in words:
        match word.lower():
            case "virtualnetwork":
                yield wide, ()
            case "internet":
                yield (ANYWHERE,), wide
            case range_ if range_[:1].isdigit() or ":" in range_:
                yield (range_,), ()
            case _:
                yield (ANYWHERE,), ()


def _groups(rule: Json, key: str) -> tuple[str, ...]:
    return tuple(str(one["id"]).lower() for one in rule.get(key) or ())


def _words(rule: Json, name: str) -> list[str]:
    """What is written in the singular, the plural, or both."""
    single = [str(rule[name])] if rule.get(name) else []
    return [*single, *(str(word) for plural in (f"{name}s", f"{name}es") for word in rule.get(plural) or ())]
