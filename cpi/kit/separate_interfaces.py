"""Networks of one `nic_group` on a plugin that gives each network an interface: reported by preflight. Pure.

Takes the VMs to create, gives remarks.
"""

from collections.abc import Iterable, Iterator

from cpi.contract.values import Finding, VmRequest
from cpi.kit.network_interfaces import interfaces_of


def remarks(vms: Iterable[VmRequest], *, cloud: str) -> Iterator[Finding]:
    """A remark on networks of one group, for a plugin that gives each network an interface of its own."""
    interfaces = (one for vm in vms for one in interfaces_of(vm.networks) if len(one.networks) > 1)
    for names in dict.fromkeys(tuple(f"'{net.name}'" for net in one.networks) for one in interfaces):
        yield Finding(
            code="nic-group-apart",
            what=f"Networks {', '.join(names)} of one `nic_group` have an interface each.",
            why=f"{cloud} gives each network of a VM an interface.",
            fix="No action needed; remove `nic_group` to be rid of this remark.",
            is_fatal=False,
        )


def blocks(vms: Iterable[VmRequest], *, cloud: str) -> Iterator[Finding]:
    """Networks with blocks of addresses, on a cloud that has none; each once."""
    asked = {network.name: network.block_bits for vm in vms for network in vm.networks if network.block_bits}
    for name, bits in asked.items():
        yield Finding(
            code="prefix-size-unsupported",
            what=f"Network '{name}' gives each instance a block of addresses of {bits} bits.",
            why=f"{cloud} has no such blocks.",
            fix="Remove `prefix` in the cloud config.",
        )
