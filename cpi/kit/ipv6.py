"""IPv6 on a plugin that has only IPv4: reported by preflight. Pure.

Takes the VMs to create, gives a finding for each of their IPv6 networks.
"""

from collections.abc import Iterable, Iterator

from cpi.contract.values import Finding, NetworkKind, NetworkSettings, VmRequest


def is_ipv6(network: NetworkSettings) -> bool:
    """By its address, or its gateway where the address is still open."""
    return ":" in (network.ip or network.gateway)


def findings(vms: Iterable[VmRequest], *, cloud: str) -> Iterator[Finding]:
    """`cloud` begins a sentence ("The local cloud")."""
    names = dict.fromkeys(
        network.name
        for vm in vms
        for network in vm.networks
        if network.kind is not NetworkKind.VIP and is_ipv6(network)
    )
    for name in names:
        yield Finding(
            code="ipv6-not-supported",
            what=f"Network '{name}' has an IPv6 subnet.",
            why=f"{cloud} assigns VMs IPv4 addresses only.",
            fix="Use an IPv4 range in the cloud config, or another network for these instance groups.",
            written_names=(name,),
        )
