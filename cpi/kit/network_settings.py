"""A VM's network settings as a list that fits into JSON in tags or metadata, and back. Pure.

Takes network settings, gives a list; takes a list, gives the settings. VMs keep such lists for years: the order stays.
"""

from typing import Any

from cpi.contract.values import NetworkKind, NetworkSettings


def write_network(network: NetworkSettings) -> list[Any]:
    """As a list."""
    address = [network.ip, network.prefix, network.gateway]
    more = [list(network.dns), list(network.defaults), dict(network.cloud_properties)]
    further = [network.nic_group, network.block_bits] if network.nic_group or network.block_bits else []
    return [network.name, network.kind.value, *address, *more, *further]


def read_network(written: list[Any]) -> NetworkSettings:
    """From a list of `write_network`."""
    name, kind, ip, prefix, gateway, dns, defaults, properties, *further = written
    nic_group, block_bits = further or ("", 0)
    return NetworkSettings(
        name=name,
        kind=NetworkKind(kind),
        ip=ip,
        prefix=prefix,
        gateway=gateway,
        dns=tuple(dns),
        defaults=tuple(defaults),
        cloud_properties=properties,
        nic_group=nic_group,
        block_bits=block_bits,
    )
