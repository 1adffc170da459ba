"""Networks and addresses against each other before anything is made. Pure.

Takes a landing zone as written, or VMs and the landing zone that they will meet; gives refusals or findings with the
codes that making them would end in.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cpi.clouds.local.inside.networks.networks import PUBLIC_RANGE
from cpi.clouds.local.wire import config
from cpi.contract.errors import CloudError
from cpi.contract.values import Finding, NetworkKind, NetworkSettings, VmRequest
from cpi.kit import ipv6, ranges
from cpi.kit.ranges import Range

_SMALLEST = 30
"""The longest prefix: the router takes one address, and a VM needs another."""
_TAKEN = tuple(map(ipaddress.IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """`networks` maps names to ranges, `gateways` are the router's own addresses.

    `public` are the public addresses, None while the plan reserves some of them itself.
    """

    networks: Mapping[str, str]
    gateways: frozenset[str]
    public: frozenset[str] | None


def check_ranges(networks: Mapping[str, str]) -> None:
    """Refuse ranges that no network can have. Raises CloudError, code network-range-invalid."""
    wrong = [
        *(f"{name}: {why}" for name, cidr in networks.items() if (why := _wrong(cidr))),
        *(f"{one.name} ({one.cidr}) overlaps {two.name} ({two.cidr})." for one, two in _overlapping(networks)),
    ]
    if wrong:
        raise CloudError(
            "network-range-invalid",
            "The local cloud cannot create these networks.",
            why=" ".join(wrong),
            fix="Correct `networks` in the environment's file, e.g. default: 10.0.0.0/24.",
        )


def findings(vms: Iterable[VmRequest], zone: Zone) -> Iterator[Finding]:
    """What of the VMs' networks the zone does not have; each once."""
    asked = tuple(vms)
    yield from ipv6.findings(asked, cloud="The local cloud")
    others = (network for vm in asked for network in vm.networks if not ipv6.is_ipv6(network))
    for network in dict.fromkeys(map(_Asked.of, others)):
        yield from _public(network, zone) if network.is_public else _private(network, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The checked part of a network setting."""

    network: str
    ip: str
    gateway: str
    is_public: bool

    @classmethod
    def of(cls, settings: NetworkSettings) -> "_Asked":
        try:
            properties = config.read_properties(config.NetworkProperties, settings.cloud_properties, where="a network")
        except CloudError:  # told with the VM's other properties
            properties = config.NetworkProperties()
        return cls(
            network=properties.network or settings.name,
            ip=settings.ip,
            gateway=settings.gateway,
            is_public=settings.kind is NetworkKind.VIP,
        )


def _public(asked: _Asked, zone: Zone) -> Iterator[Finding]:
    if asked.ip and zone.public is not None and asked.ip not in zone.public:
        yield Finding(
            code="unknown-public-address",
            what=f"The local cloud has no public address {asked.ip}.",
            why=f"It has {', '.join(sorted(zone.public)) or 'none'}.",
            fix="Use an address of the landing zone, e.g. ((jumpbox_public_ip)).",
        )


def _private(asked: _Asked, zone: Zone) -> Iterator[Finding]:
    cidr = zone.networks.get(asked.network)
    if cidr is None:
        known = ", ".join(f"'{name}'" for name in sorted(zone.networks)) or "none"
        yield Finding(
            code="unknown-network",
            what=f"The local cloud has no network '{asked.network}'.",
            why=f"It has {known}.",
            fix="Name one of these in the subnet's cloud_properties (network: NAME), or add it to `networks` in the "
            "environment's file and run `compleat up`.",
        )
    else:
        yield from _outside(asked, ipaddress.ip_network(cidr))
        if asked.ip and asked.ip in zone.gateways:
            yield Finding(
                code="address-taken",
                what=f"Address {asked.ip} in network '{asked.network}' is taken.",
                why="The router has it.",
                fix="Choose another address.",
            )


def _outside(asked: _Asked, cidr: ipaddress.IPv4Network | ipaddress.IPv6Network) -> Iterator[Finding]:
    for code, what, address in (
        ("address-outside-network", "Address", asked.ip),
        ("gateway-outside-network", "Gateway", asked.gateway),
    ):
        if address and ipaddress.ip_address(address) not in cidr:
            yield Finding(
                code=code,
                what=f"{what} {address} is not in network '{asked.network}'.",
                why=f"The network is {cidr}.",
                fix="Correct the subnet's range and gateway in the cloud config.",
            )


def _wrong(cidr: str) -> str:
    try:
        network = ipaddress.ip_network(cidr)
    except ValueError as error:
        return f"{error}."
    if network.version == 6:
        return f"{cidr} is IPv6; the local cloud has only IPv4."
    if network.prefixlen > _SMALLEST:
        return f"{cidr} has no address for a VM; the router takes one."
    if any(network.overlaps(taken) for taken in (*_TAKEN, PUBLIC_RANGE)):
        return f"{cidr} is reserved for other uses."
    return ""


def _overlapping(networks: Mapping[str, str]) -> Iterator[tuple[Range, Range]]:
    return ranges.overlapping([Range(name=name, cidr=cidr) for name, cidr in networks.items()])
