"""Networks of a VM that a BOSH director may request and no plugin supports: refused before any call.

Takes the networks as they were sent and as they were read; raises NotSupportedError.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from cpi.contract.errors import NotSupportedError
from cpi.contract.values import JsonValue, NetworkSettings
from cpi.kit import ipv6

_ABLE = frozenset({"aws", "azure", "local", "openstack"})
"""Plugins that check interfaces themselves."""


def require_supported(plugin: str, sent: Mapping[str, JsonValue], read: Sequence[NetworkSettings]) -> None:
    """Raises NotSupportedError: ipv6-not-supported, nic-group-not-supported."""
    if plugin in _ABLE:
        return
    for network in read:
        if ipv6.is_ipv6(network):
            raise NotSupportedError(
                "ipv6-not-supported",
                f"Network '{network.name}' has an IPv6 subnet.",
                why="VMs of this CPI have IPv4 addresses only.",
                fix="Use an IPv4 range in the cloud config, or another network for these instance groups.",
            )
    groups = Counter(
        str(one["nic_group"]) for one in sent.values() if isinstance(one, Mapping) and one.get("nic_group")
    )
    for group, count in groups.items():
        if count > 1:
            raise NotSupportedError(
                "nic-group-not-supported",
                f"{count} networks share one network card (nic_group '{group}').",
                why="VMs of this CPI have a card for each network.",
                fix="Remove nic_group from the manifest's networks.",
            )
