"""What a template adds to a landing zone: groups, routes, NAT gateways, balancers, storage accounts, images.

Takes nothing, gives frozen values of plain texts and numbers, in Azure's words, which templates are written in. A cloud
says of each what it cannot express (`Landing.part_findings`), before anything is created.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass

Direction = Literal["inbound", "outbound"]
Access = Literal["allow", "deny"]
Protocol = Literal["tcp", "udp", "icmp", "esp", "ah", "*"]
NextHop = Literal["internet", "network", "appliance", "gateway", "none"]
BalancerProtocol = Literal["tcp", "udp", "*"]
ProbeProtocol = Literal["tcp", "http", "https"]
AccountKind = Literal["StorageV2", "Storage", "BlobStorage", "BlockBlobStorage"]
AccessTier = Literal["", "Hot", "Cool"]
ImageOrigin = Literal["image", "blob", "snapshot", "disk", "vm"]
"""What an image is made of; "image" is one that the cloud has."""
ImageGeneration = Literal["", "gen1", "gen2"]
"""The firmware of VMs that are created from an image: BIOS, UEFI, or what the cloud takes without a word."""

FRONT = "front end: "
"""How the entry of a load balancer begins that says what is in front of it; it cannot change."""
ANY = "*"
"""Every protocol, port or address."""
INTERNET_PREFIX = "Internet"
NETWORK_PREFIX = "VirtualNetwork"
BALANCER_PREFIX = "AzureLoadBalancer"
"""Words that mean addresses in a rule, beside ranges and ANY."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityRuleSpec:
    """Traffic that a group allows or denies; the rule with the lowest `priority` (100 to 4096) decides.

    `ports`, `source_ports`: "22", "8000-8100" or ANY. `sources`, `destinations`: ranges, ANY, or the words above.
    """

    name: str
    priority: int
    direction: Direction
    access: Access
    protocol: Protocol
    ports: tuple[str, ...] = (ANY,)
    source_ports: tuple[str, ...] = (ANY,)
    sources: tuple[str, ...] = (ANY,)
    destinations: tuple[str, ...] = (ANY,)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroupSpec:
    """Beside its rules, machines of the same landing zone reach each other, and everything outside."""

    name: str
    rules: tuple[SecurityRuleSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSpec:
    """Where traffic to the range `prefix` goes; `address` is the appliance's, "" for other hops."""

    name: str
    prefix: str
    next_hop: NextHop
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTableSpec:
    """Beside its routes, networks keep the landing zone's own ways: to each other, and out."""

    name: str
    routes: tuple[RouteSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NatGatewaySpec:
    """The way out of networks, from public addresses that it has: `addresses` are names of LandingSpec.public_names."""

    name: str
    addresses: tuple[str, ...]
    idle_minutes: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSpec:
    """How a balancer finds out whether a machine serves; `path` is "" for tcp."""

    name: str
    protocol: ProbeProtocol
    port: int
    path: str = ""
    interval_s: int = 15
    unhealthy_after: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancerRuleSpec:
    """Connections to `port` of the balancer go to `machine_port` of a machine in its pool; `probe` is a name, or ""."""

    name: str
    protocol: BalancerProtocol
    port: int
    machine_port: int
    probe: str = ""
    idle_minutes: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class NatRuleSpec:
    """Connections to `port` of the balancer go to `machine_port` of the one machine that joins the rule."""

    name: str
    protocol: BalancerProtocol
    port: int
    machine_port: int
    idle_minutes: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancerSpec:
    """One front, one pool of machines. In front is a public address (`public_name`, of LandingSpec.public_names), or
    an address in `network`, of LandingSpec.networks or created_networks: `address`, or where that is "" any. The front
    of one that is there stays as it is.
    """

    name: str
    public_name: str = ""
    network: str = ""
    address: str = ""
    probes: tuple[ProbeSpec, ...] = ()
    rules: tuple[BalancerRuleSpec, ...] = ()
    nat_rules: tuple[NatRuleSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilitySetSpec:
    """Machines that do not fail together."""

    name: str
    fault_domains: int = 2
    update_domains: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageAccountSpec:
    """A place for blobs, with the names of its containers. The rest are settings of Azure's service, in its words;
    their defaults are what every cloud has.
    """

    name: str
    containers: tuple[str, ...] = ()
    sku: str = "Standard_LRS"
    kind: AccountKind = "StorageV2"
    access_tier: AccessTier = ""
    has_keys: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSource:
    """The system disk that an image is made of. `place` is the URL of a blob, and the cloud's own name of the rest."""

    origin: ImageOrigin
    place: str
    generation: ImageGeneration = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSpec:
    """A stemcell of a template: `os` and `version` are those of its StemcellRequest, and `version` changes with what it
    is made of. `source` None: it is there, and what it was made of is not.
    """

    name: str
    os: str
    version: str
    source: ImageSource | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkParts:
    """What a network has of what a template adds; "" is what the environment's own networks have."""

    security_group: str = ""
    route_table: str = ""
    nat_gateway: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerPlace:
    """An address in a network of the landing zone, which is deleted after what has it; "" for what has none there."""

    network: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedParts:
    """The parts that a machine joins. `network` is where it is, `az_properties` are the cloud properties of its AZ;
    "" for a group or a set is none; `nat_rules` are "BALANCER/RULE". One that `forwards` takes traffic that is for
    others, as appliances of routes do.
    """

    network: str
    security_group: str = ""
    load_balancers: tuple[str, ...] = ()
    nat_rules: tuple[str, ...] = ()
    availability_set: str = ""
    has_public_address: bool = False
    forwards: bool = False
    az_properties: Mapping[str, JsonValue] = field(default_factory=dict)
