"""What the operator's own security groups let in to a plan's VMs. The landing zone's own are not looked at. Pure.

Takes VMs, their ports to come and the groups that Neutron lists, gives facts for the kit's judge.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpi.clouds.openstack.machines import networks
from cpi.clouds.openstack.machines.networks import PortRequest
from cpi.contract.values import NetworkKind, VmRequest
from cpi.kit.judge import ANYWHERE, LAST_PORT, InboundFacts, InboundRule

CloudAnswer = Mapping[str, Any]
_PROTOCOLS = {"": "", "any": "", "0": "", "tcp": "tcp", "6": "tcp", "udp": "udp", "17": "udp"}


def facts(vm: VmRequest, port_request: PortRequest, groups: Sequence[CloudAnswer]) -> InboundFacts:
    """Of a VM's first port, which has these groups."""
    names = ", ".join(f"'{one['name']}'" for one in groups)
    settings = port_request.settings
    return InboundFacts(
        vm=vm.name,
        owner=vm.owner,
        named=f"Security group {names}",
        lists=(tuple(rule for one in groups for rule in _rules(one)),),
        groups=tuple(str(one["id"]) for one in groups),
        address=settings.ip if settings.ip and settings.kind is NetworkKind.MANUAL else "",
        is_public=networks.public(vm) is not None,
    )


def _rules(group: CloudAnswer) -> Iterator[InboundRule]:
    for one in group.get("security_group_rules", ()):
        protocol = str(one.get("protocol") or "").lower()
        if one["direction"] != "ingress" or one.get("ethertype", "IPv4") != "IPv4" or protocol not in _PROTOCOLS:
            continue
        remote = str(one.get("remote_group_id") or "")
        first, last = one.get("port_range_min"), one.get("port_range_max")
        yield InboundRule(
            protocol=_PROTOCOLS[protocol],
            cidrs=() if remote else (str(one.get("remote_ip_prefix") or ANYWHERE),),
            groups=(remote,) if remote else (),
            first_port=0 if first is None else int(first),
            last_port=LAST_PORT if last is None else int(last),
        )
