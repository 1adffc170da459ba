"""What moto's security groups let in to each private address.

Takes moto's state, gives rules. A group that is named as a source means the addresses of its members.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.aws import back
from tests.support.inbound_rules import LAST_PORT, Inbound, InboundRule

CHANGERS = frozenset(
    {
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupIngress",
        "ModifyNetworkInterfaceAttribute",
        "ModifyInstanceAttribute",
        "AttachNetworkInterface",
        "RunInstances",
    }
)
"""The actions after which something else may be let in."""


def read_inbound(region: str) -> Mapping[str, Inbound]:
    """By private address; each has one list, for the groups of an interface add up."""
    nics = list(back.ec2(region).enis.values())
    return {str(nic.private_ip_address): (tuple(_rules(nic, nics)),) for nic in nics}


def _rules(nic: Any, nics: list[Any]) -> Iterator[InboundRule]:
    for group in nic.group_set:
        for rule in group.ingress_rules:
            sources = _sources(rule, nics)
            if sources and rule.ip_protocol in ("-1", "tcp", "udp"):
                is_every = rule.ip_protocol == "-1"
                first, last = (0, LAST_PORT) if is_every else (int(rule.from_port), int(rule.to_port))
                protocol = "" if is_every else str(rule.ip_protocol)
                yield InboundRule(sources=sources, first_port=first, last_port=last, protocol=protocol)


def _sources(rule: Any, nics: list[Any]) -> tuple[str, ...]:
    cidr, group = rule.ip_range.get("CidrIp"), rule.source_group.get("GroupId")
    members = [nic for nic in nics if group and any(one.id == group for one in nic.group_set)]
    return (str(cidr),) if cidr else tuple(f"{nic.private_ip_address}/32" for nic in members)
