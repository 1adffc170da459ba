"""What a landing zone consists of on AWS, in an order in which it can be made. Pure.

Takes a spec and settings, gives resources. Each network is cut into equal parts, one for each availability zone.
"""

import ipaddress
from collections.abc import Iterator

from cpi.clouds.aws.landing import inbound_permissions
from cpi.clouds.aws.machines import lookups
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.errors import CloudError
from cpi.contract.landing_parts import ANY, SecurityRuleSpec
from cpi.contract.values import JsonValue, LandingResource, LandingSpec, ManagedNetwork
from cpi.kit import judge, landing_names

VPC = "vpc"
INTERNET = "internet_gateway"
SUBNET = lookups.SUBNET
ROUTES = "route_table"
NAT = "nat_gateway"
ENDPOINT = "s3_endpoint"
GROUP = lookups.GROUP
ADDRESS = "public_address"
RECORD = "dns_record"
KEY = "key_pair"
BUCKET = "bucket"

PUBLIC, PRIVATE = "public-routes", "private-routes"
"""The names of the route tables through the internet gateway, and through the NAT gateway of private networks."""
PRIVATE_WAY = "nat-gateway"
"""The name of that NAT gateway."""
BUCKET_WAY = "s3"
"""The name of the endpoint by which machines without a way out reach that bucket."""
BLOBS = "blobs"
"""The name of the one bucket."""

_PROTOCOLS = {"icmp": "icmp", "esp": "50", "ah": "51"}
"""As EC2 names what has no ports."""

_LEAST_PARTS = 4
"""So that the same cloud config fits regions with two, three and four zones."""
_LARGEST_PREFIX, _SMALLEST_PREFIX = 16, 28


def landing_resources(spec: LandingSpec, config: AwsConfig) -> tuple[LandingResource, ...]:
    """In networks of the operator's own, public addresses alone.

    Raises CloudError: network-range-invalid, private-network-unknown, dns-name-of-nothing.
    """
    _check(spec, config)
    if not spec.networks:
        return (*_addresses(spec), *_records(spec, config))
    return (
        LandingResource(kind=VPC, name="vpc", properties={"cidrs": list(spec.networks.values())}),
        LandingResource(kind=INTERNET, name="internet", after=("vpc",)),
        *_subnets(spec, config),
        *_routes(spec, config),
        *_groups(config),
        *_template_groups(spec),
        *_addresses(spec, after=("internet",)),
        *_records(spec, config),
        *_others(config),
    )


def split(cidr: str, zones: int) -> tuple[ipaddress.IPv4Network, ...]:
    """A network's range, one part for each zone. Raises CloudError, code network-range-invalid."""
    whole = ipaddress.IPv4Network(cidr)
    parts = _LEAST_PARTS
    while parts < zones:
        parts *= 2
    bits = parts.bit_length() - 1
    if not whole.prefixlen >= _LARGEST_PREFIX or whole.prefixlen + bits > _SMALLEST_PREFIX:
        raise CloudError(
            "network-range-invalid",
            f"{cidr} is not a valid network on AWS.",
            why=f"A VPC needs a prefix of 16 to 28, with room for {parts} subnets of 28 at least.",
            fix="Correct `networks` in the environment's file; a /16 is usual.",
        )
    return tuple(whole.subnets(prefixlen_diff=bits))[:zones]


def managed_subnet(network: ManagedNetwork, config: AwsConfig, *, table: str) -> LandingResource:
    """A subnet of its whole range in the zone that its AZ names, else the first. Raises network-range-invalid."""
    whole = ipaddress.IPv4Network(network.cidr)
    if not _LARGEST_PREFIX <= whole.prefixlen <= _SMALLEST_PREFIX:
        raise CloudError(
            "network-range-invalid",
            f"{network.cidr} is not a valid subnet on AWS.",
            why=f"A subnet needs a prefix of {_LARGEST_PREFIX} to {_SMALLEST_PREFIX}.",
            fix="Correct `range` or `netmask_bits` of the managed network.",
        )
    zone = str(network.cloud_properties.get("availability_zone") or config.zone_names()[0])
    properties: dict[str, JsonValue] = {"cidr": str(whole), "zone": zone, "network": network.name, "routes": table}
    return LandingResource(kind=SUBNET, name=f"{network.name}-z1", properties=properties, entries=(table_line(table),))


def table_line(table: str) -> str:
    """The entry of a subnet: the table that it has."""
    return f"route table {table}"


def subnet_names(network: str, config: AwsConfig) -> tuple[str, ...]:
    """What a network's subnets are called: default-z1, default-z2."""
    return tuple(f"{network}-z{number}" for number in range(1, len(config.zone_names()) + 1))


def front_subnet(spec: LandingSpec, config: AwsConfig) -> str:
    """Where load balancers and NAT gateways are: in the first zone of the first public network."""
    public = next(name for name in spec.networks if name not in config.private_networks)
    return subnet_names(public, config)[0]


def permitting_group(name: str, permissions: list[JsonValue]) -> LandingResource:
    """A security group that lets in what is permitted."""
    entries = tuple(one.line for one in inbound_permissions.planned(permissions))
    properties: dict[str, JsonValue] = {"permissions": permissions}
    return LandingResource(kind=GROUP, name=name, after=("vpc",), properties=properties, entries=entries)


def record_name(public: str) -> str:
    """What the DNS record of a public address is called."""
    return f"{public}-name"


def _check(spec: LandingSpec, config: AwsConfig) -> None:
    for name, cidr in spec.networks.items():
        try:
            ipaddress.IPv4Network(cidr)
        except ValueError as error:
            raise CloudError(
                "network-range-invalid", f"'{cidr}' is not a valid range for network '{name}'.", why=str(error)
            ) from error
    for name in config.private_networks:
        if name not in spec.networks or len(spec.networks) == len(config.private_networks):
            raise CloudError(
                "private-network-unknown",
                f"Network '{name}' cannot be private.",
                why=f"The networks are {', '.join(spec.networks) or 'none'}, and at least one must be public, for the "
                "NAT gateway.",
                fix="Correct private_networks in the environment's file.",
            )


def _subnets(spec: LandingSpec, config: AwsConfig) -> Iterator[LandingResource]:
    zones = config.zone_names()
    for network, cidr in spec.networks.items():
        ranges = split(cidr, len(zones))
        for name, zone, part in zip(subnet_names(network, config), zones, ranges, strict=True):
            properties = {"cidr": str(part), "zone": zone, "network": network}
            yield LandingResource(kind=SUBNET, name=name, after=("vpc",), properties=properties)


def _routes(spec: LandingSpec, config: AwsConfig) -> Iterator[LandingResource]:
    public = [
        name
        for network in spec.networks
        if network not in config.private_networks
        for name in subnet_names(network, config)
    ]
    private = [name for network in config.private_networks for name in subnet_names(network, config)]
    yield LandingResource(
        kind=ROUTES,
        name=PUBLIC,
        after=("vpc", "internet", *public),
        properties={"subnets": public, "through": INTERNET},
    )
    if not private:
        return
    yield LandingResource(kind=ADDRESS, name="nat", after=("internet",))
    yield LandingResource(
        kind=NAT, name=PRIVATE_WAY, after=("nat", PUBLIC), properties={"subnet": public[0], "address": "nat"}
    )
    yield LandingResource(
        kind=ROUTES,
        name=PRIVATE,
        after=("vpc", PRIVATE_WAY, *private),
        properties={"subnets": private, "through": NAT},
    )


def _groups(config: AwsConfig) -> Iterator[LandingResource]:
    yield LandingResource(kind=GROUP, name=lookups.DEFAULT_GROUP, after=("vpc",), properties={"is_inside": True})
    ports, sources = list(config.public_ports), list(config.public_sources)
    yield LandingResource(
        kind=GROUP,
        name=lookups.PUBLIC_GROUP,
        after=("vpc",),
        properties={"is_inside": False, "ports": ports, "sources": sources},
    )


def _template_groups(spec: LandingSpec) -> Iterator[LandingResource]:
    """What is allowed in; everything may leave, as on Azure where no rule denies it."""
    for group in spec.security_groups:
        inbound = [rule for rule in group.rules if rule.direction == "inbound"]
        yield permitting_group(group.name, [one for rule in inbound for one in _permissions(rule, spec)])


def _permissions(rule: SecurityRuleSpec, spec: LandingSpec) -> Iterator[dict[str, JsonValue]]:
    ranges: list[JsonValue] = [one for source in rule.sources for one in judge.ranges_of(source, spec)]
    if rule.protocol not in ("tcp", "udp", ANY) or (rule.protocol, rule.ports) == (ANY, (ANY,)):
        yield {"protocol": _PROTOCOLS.get(rule.protocol, "-1"), "first": -1, "last": -1, "sources": ranges}
        return
    for protocol in ("tcp", "udp") if rule.protocol == ANY else (rule.protocol,):
        for ports in rule.ports:
            first, last = judge.port_range(ports)
            yield {"protocol": protocol, "first": first, "last": last, "sources": ranges}


def _addresses(spec: LandingSpec, after: tuple[str, ...] = ()) -> Iterator[LandingResource]:
    for name in spec.public_names:
        yield LandingResource(kind=ADDRESS, name=name, after=after)


def _records(spec: LandingSpec, config: AwsConfig) -> Iterator[LandingResource]:
    landing_names.check_dns_names(config.dns_names, spec)
    for public, name in config.dns_names.items():
        properties = {"name": name, "address": public}
        yield LandingResource(kind=RECORD, name=record_name(public), after=(public,), properties=properties)


def _others(config: AwsConfig) -> Iterator[LandingResource]:
    if config.public_key:
        yield LandingResource(kind=KEY, name="login", properties={"public_key": config.public_key})
    if config.bucket:
        tables = [PUBLIC, *([PRIVATE] if config.private_networks else [])]
        yield LandingResource(kind=ENDPOINT, name=BUCKET_WAY, after=("vpc", *tables), properties={"tables": tables})
        yield LandingResource(kind=BUCKET, name=BLOBS)
