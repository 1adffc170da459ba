"""Networks and addresses against each other before anything is made. Pure.

Takes a landing zone as written, or VMs and the landing zone that they will meet; gives refusals or findings with the
codes that making them would end in.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import partial

from cpi.clouds.local.inside.networks.networks import PUBLIC_RANGE
from cpi.clouds.local.wire import config, interfaces
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding, NetworkKind, NetworkSettings, VmRequest
from cpi.kit import ipv6, judge, ranges
from cpi.kit.judge import SubnetFacts, WantedInterface
from cpi.kit.ranges import Range

_LEAST_BITS = 2
"""So many bits are left for addresses: the router takes one, and a VM needs another."""
_TAKEN = tuple(
    map(
        ipaddress.ip_network,
        ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/8", "fe80::/10", "ff00::/8"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """`networks` maps names to ranges, `gateways` are the router's own addresses.

    `held` maps addresses to the load balancers and NAT gateways that have them. `public` are the public addresses, None
    while the plan reserves some of them itself.
    """

    networks: Mapping[str, str]
    gateways: frozenset[str]
    public: frozenset[str] | None
    held: Mapping[str, str] = field(default_factory=dict)
    has_ipv6: bool = True


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
    yield from interfaces.findings(asked)
    if not zone.has_ipv6:
        yield from ipv6.findings(asked, cloud="This machine's kernel has no IPv6: the local cloud")
    others = (_Asked.of(vm.name, one) for vm in asked for one in vm.networks)
    apart = {replace(one, vm=""): one for one in others}.values()
    yield from judge.all_of(partial(_public if one.is_public else _private, one, zone) for one in apart)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The checked parts of a VM's network setting."""

    vm: str
    network: str
    ip: str
    gateway: str
    is_public: bool

    @classmethod
    def of(cls, vm: str, settings: NetworkSettings) -> "_Asked":
        try:
            properties = config.read_properties(config.NetworkProperties, settings.cloud_properties, where="a network")
        except CloudError:  # told with the VM's other properties
            properties = config.NetworkProperties()
        return cls(
            vm=vm,
            network=properties.network or settings.name,
            ip=settings.ip or "",
            gateway=settings.gateway,
            is_public=settings.kind is NetworkKind.VIP,
        )


def _public(asked: _Asked, zone: Zone) -> Iterator[Finding]:
    if asked.ip and zone.public is not None and asked.ip not in zone.public:
        yield Finding.of(judge.unknown_public_address(asked.ip, zone.public, cloud="The local cloud"))
    yield from judge.taken(asked.vm, asked.ip, zone.held.get(asked.ip, ""))


def _private(asked: _Asked, zone: Zone) -> Iterator[Finding]:
    cidr = zone.networks.get(asked.network)
    if cidr is None:
        setting = "the subnet's `network`, or `networks`,"
        yield judge.unknown_name("network", asked.network, zone.networks, where="The local cloud", setting=setting)
        return
    wanted = WantedInterface(vm=asked.vm, network=asked.network, subnet="", address=asked.ip)
    if asked.ip:
        yield from judge.placed(wanted, SubnetFacts(name=f"Network {cidr}", ranges=(cidr,), free=0))
        holder = "the router" if asked.ip in zone.gateways else zone.held.get(asked.ip, "")
        yield from judge.taken(asked.vm, asked.ip, holder)
    yield from _gateway_outside(asked, cidr)


def _gateway_outside(asked: _Asked, cidr: str) -> Iterator[Finding]:
    if asked.gateway and ipaddress.ip_address(asked.gateway) not in ipaddress.ip_network(cidr):
        yield Finding(
            code="gateway-outside-network",
            what=f"Gateway {asked.gateway} is not in network '{asked.network}'.",
            why=f"The network is {cidr}.",
            fix="Correct the subnet's range and gateway in the cloud config.",
            written_names=(asked.network,),
        )


def _wrong(cidr: str) -> str:
    try:
        network = ipaddress.ip_network(cidr)
    except ValueError as error:
        return f"{error}."
    if network.prefixlen > network.max_prefixlen - _LEAST_BITS:
        return f"{cidr} has no address for a VM; the router takes one."
    if any(network.overlaps(taken) for taken in (*_TAKEN, PUBLIC_RANGE)):
        return f"{cidr} is reserved for other uses."
    return ""


def _overlapping(networks: Mapping[str, str]) -> Iterator[tuple[Range, Range]]:
    return ranges.overlapping([Range(name=name, cidr=cidr) for name, cidr in networks.items()])
