"""A VM's network settings, as requested from a cloud.

Takes a group's networks and an instance's addresses, gives NetworkSettings in the same order.
Source: cloudfoundry/bosh deployment_plan/manual_network.rb, dynamic_network.rb, vip_network.rb.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cpi.contract.values import NetworkKind, NetworkSettings
from director.model.environments.desired import GroupNetwork, Network
from director.plan.placing import addresses


def settings_of(
    wanted: Sequence[GroupNetwork], networks: Mapping[str, Network], *, az: str | None, held: Mapping[str, str]
) -> tuple[NetworkSettings, ...]:
    """The settings of one VM; a dynamic network's address is "" until the cloud tells it."""
    return tuple(_settings(net, networks[net.name], az, address=held.get(net.name, "")) for net in wanted)


def with_known_addresses(
    settings: Sequence[NetworkSettings], known: Sequence[NetworkSettings]
) -> tuple[NetworkSettings, ...]:
    """The settings with the dynamic addresses that a VM has told already."""
    dynamic = {net.name: net for net in known if net.kind is NetworkKind.DYNAMIC}
    return tuple(
        replace(net, ip=dynamic[net.name].ip, prefix=dynamic[net.name].prefix, gateway=dynamic[net.name].gateway)
        if net.kind is NetworkKind.DYNAMIC and net.name in dynamic
        else net
        for net in settings
    )


def _settings(wanted: GroupNetwork, network: Network, az: str | None, *, address: str) -> NetworkSettings:
    subnet = addresses.subnet_of(network, az, address if network.kind is NetworkKind.MANUAL else "")
    properties = {**network.cloud_properties, **(subnet.cloud_properties if subnet else {})}
    plain = NetworkSettings(
        name=network.name,
        kind=network.kind,
        ip=address,
        dns=subnet.dns if subnet else (),
        defaults=tuple(sorted(wanted.defaults)),
        cloud_properties=properties,
        nic_group=wanted.nic_group,
    )
    if network.kind is not NetworkKind.MANUAL or subnet is None:
        return plain
    width = ipaddress.ip_network(subnet.cidr, strict=False).prefixlen
    return replace(plain, prefix=width, gateway=subnet.gateway, block_bits=subnet.block_bits)
