"""What of VMs' networks no interface of the local cloud can have. Pure.

Takes VMs, gives findings.
"""

from collections.abc import Iterable, Iterator

from cpi.contract.values import Finding, NetworkKind, VmRequest
from cpi.kit import ipv6, network_interfaces
from cpi.kit.network_interfaces import InterfaceRule

_INTERFACES = InterfaceRule(cloud="The local cloud")


def findings(vms: Iterable[VmRequest]) -> Iterator[Finding]:
    """What of the VMs' networks no interface can have, and VMs that no agent is reached on."""
    asked = tuple(vms)
    yield from network_interfaces.findings(asked, _INTERFACES)
    for vm in asked:
        own = [one for one in vm.networks if one.kind is not NetworkKind.VIP]
        if own and all(map(ipv6.is_ipv6, own)):
            yield Finding(
                code="vm-without-ipv4",
                what=f"VM '{vm.name}' has only IPv6 networks.",
                why="The local cloud's way in, its SSH servers and its metadata have IPv4 addresses.",
                fix="Give its instance group an IPv4 network beside the IPv6 one.",
                written_names=(vm.name,),
            )
