"""What an instance's templates see.

Takes nothing, gives a frozen value. Secrets are names.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkKind, NetworkSettings
from director.model.environments.desired import GroupNetwork, Job
from director.model.erb import DnsNumbers
from director.model.secret_ref import Property

UNKNOWN_ADDRESS = "127.0.0.1"
"""What templates see as the address of a dynamic network until the VM has one, as in BOSH."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSpec:
    """The spec that an instance's templates see, and the part that its agent gets. `spec` is BOSH's template spec.

    `links` maps a job's name to its links by name, addresses filled in, as render's link objects want them:
    {instances: [{name, id, index, az, address, bootstrap}], properties, instance_group, default_network,
    deployment_name, domain, group_name, use_short_dns_addresses, use_link_dns_names}; one written by hand has `address`
    instead of the names. `dns` are the numbers that their names may hold.
    """

    jobs: tuple[Job, ...]
    spec: Mapping[str, Property]
    links: Mapping[str, Mapping[str, Property]] = field(default_factory=dict)
    dns: DnsNumbers = field(default_factory=DnsNumbers)


def network_facts(net: NetworkSettings) -> Mapping[str, Property]:
    """A network as templates see it."""
    is_open = net.kind is NetworkKind.DYNAMIC and not net.ip
    return {
        "type": net.kind.value,
        "ip": shown_address(net),
        "netmask": UNKNOWN_ADDRESS if is_open else _netmask_of(net),
        "gateway": UNKNOWN_ADDRESS if is_open else net.gateway,
        "dns": list(net.dns),
        "default": list(net.defaults),
        "cloud_properties": net.cloud_properties,
        **({"prefix": str(net.block_bits)} if net.block_bits else {}),
    }


def shown_address(net: NetworkSettings | None) -> str:
    """The address as templates see it; "" without a network."""
    if net is None:
        return ""
    return net.ip or (UNKNOWN_ADDRESS if net.kind is NetworkKind.DYNAMIC else "")


def with_addresses(spec: InstanceSpec, networks: Sequence[NetworkSettings]) -> InstanceSpec:
    """The spec of a VM with these networks: the addresses that its cloud chose are in it."""
    chosen = {net.name: net for net in networks if net.kind is NetworkKind.DYNAMIC}
    known = spec.spec.get("networks")
    if not chosen or not isinstance(known, Mapping):
        return spec
    facts = {name: _joined(net, chosen[name]) if name in chosen else net for name, net in known.items()}
    own = next((chosen[name].ip for name in _owners(networks) if name in chosen), None)
    ip = {} if own is None else {"ip": own}
    return replace(spec, spec={**spec.spec, **ip, "networks": facts})


def addressable(networks: Sequence[NetworkSettings | GroupNetwork]) -> str:
    """The name of the network whose address is the instance's: default for addressable, else for gateway."""
    return next(iter(_owners(networks)), "")


def _joined(known: Property, net: NetworkSettings) -> Property:
    return {**(known if isinstance(known, Mapping) else {}), **network_facts(net)}


def _owners(networks: Sequence[NetworkSettings | GroupNetwork]) -> list[str]:
    found = (net.name for use in ("addressable", "gateway") for net in networks if use in net.defaults)
    return [*found, *(net.name for net in networks)][:1]


def _netmask_of(net: NetworkSettings) -> str:
    any_address = "::" if ":" in (net.ip or "") else "0.0.0.0"  # noqa: S104 - a network of that width, not a bind address
    return ipaddress.ip_network(f"{any_address}/{net.prefix}").netmask.exploded  # as Ruby writes it
