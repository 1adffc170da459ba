"""What the operator's own security groups let in to a plan's VMs. The landing zone's own are not looked at.

Takes VMs and their interfaces, asks for the groups of their VPCs once, gives facts for the kit's judge.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpi.clouds.aws.machines.networks import Card, public_networks
from cpi.clouds.aws.wire.api import Api, filters
from cpi.contract.values import VmRequest
from cpi.kit import ipv6
from cpi.kit.judge import ANYWHERE, LAST_PORT, InboundFacts, InboundRule

_ALL = "-1"
_PROTOCOLS = {_ALL: "", "tcp": "tcp", "udp": "udp"}
_DEFAULT = "default"


def facts(api: Api, vms: Sequence[tuple[VmRequest, Sequence[Card]]]) -> tuple[InboundFacts, ...]:
    """Of the first interface of each VM in a subnet of the operator's own; security groups alone, no network ACLs."""
    there = [(vm, _first(cards)) for vm, cards in vms if cards and not _first(cards).subnet.network]
    there = [(vm, card) for vm, card in there if not ipv6.is_ipv6(card.settings)]  # rules for IPv6 are not read
    groups = {vpc: _load(api, vpc) for vpc in sorted({card.subnet.vpc for _, card in there})}
    return tuple(_facts(vm, card, groups[card.subnet.vpc]) for vm, card in there)


def _first(cards: Sequence[Card]) -> Card:
    """The one whose address is the VM's."""
    return next((card for card in cards if "gateway" in card.interface.defaults), cards[0])


def _load(api: Api, vpc: str) -> Mapping[str, Any]:
    answer = api.list_all("DescribeSecurityGroups", "SecurityGroups", Filters=filters({"vpc-id": vpc}))
    return {str(one["GroupId"]): one for one in answer}


def _facts(vm: VmRequest, card: Card, there: Mapping[str, Any]) -> InboundFacts:
    usual = tuple(id_ for id_, one in there.items() if one["GroupName"] == _DEFAULT)
    own = [there[id_] for id_ in card.groups or usual if id_ in there]
    names = ", ".join(f"'{one['GroupName']}'" for one in own)
    return InboundFacts(
        vm=vm.name,
        owner=vm.owner,
        named=f"Security group {names}",
        lists=(tuple(rule for one in own for rule in _rules(one)),),
        groups=tuple(str(one["GroupId"]) for one in own),
        address=card.settings.ip or "",
        subnet=str(card.subnet.cidr),
        is_public=bool(public_networks(vm)),
    )


def _rules(group: Mapping[str, Any]) -> Iterator[InboundRule]:
    for one in group.get("IpPermissions", ()):
        protocol = str(one["IpProtocol"])
        if protocol not in _PROTOCOLS:
            continue
        cidrs = [str(each["CidrIp"]) for each in one.get("IpRanges", ())]
        # A prefix list is not opened here: what it holds may be anything.
        cidrs += [ANYWHERE for _ in one.get("PrefixListIds", ())]
        yield InboundRule(
            protocol=_PROTOCOLS[protocol],
            cidrs=tuple(cidrs),
            groups=tuple(str(pair["GroupId"]) for pair in one.get("UserIdGroupPairs", ()) if "GroupId" in pair),
            first_port=0 if protocol == _ALL else int(one["FromPort"]),
            last_port=LAST_PORT if protocol == _ALL else int(one["ToPort"]),
        )
