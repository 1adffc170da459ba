"""Bodies of the landing zone, and what their answers say. Pure.

Takes a spec, gives resources in an order in which they can be made, and their JSON; takes JSON, gives what was found.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from cpi.clouds.azure.landing import balancer_bodies, blob_bodies, template_parts
from cpi.clouds.azure.machines import networks
from cpi.clouds.azure.wire import config, names
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.values import JsonValue, LandingResource, LandingSpec, OwnerKey
from cpi.kit import blob_accounts, landing_names, tags
from cpi.kit.landing import PartFound

Json = Mapping[str, Any]
GROUP = "resource_group"
NETWORK = "virtual_network"
SECURITY = template_parts.SECURITY
ROUTES = template_parts.ROUTES
BALANCER = balancer_bodies.BALANCER
SUBNET = template_parts.SUBNET
ADDRESS = "public_address"
NAT = template_parts.NAT
ACCOUNT = "storage_account"
_GROUP, _WIDE, _GUARD, _NAT, _ACCOUNT = "the-group", "the-network", "the-guard", "the-way-out", "the-storage"
NAT_ADDRESS = "nat-address"
_SHOWN = {GROUP: _GROUP, NETWORK: _WIDE, SECURITY: _GUARD, NAT: _NAT, ACCOUNT: _ACCOUNT}
"""The plan's name of what there is one of."""
_FIRST_PRIORITY = 1000


def landing_resources(spec: LandingSpec, settings: config.AzureConfig) -> tuple[LandingResource, ...]:
    """Everything for `spec`, each after what it needs; in networks of the operator's own, group and public addresses.

    Raises CloudError, code dns-name-of-nothing.
    """
    landing_names.check_dns_names(settings.dns_names, spec)
    made: list[LandingResource] = []
    group: tuple[str, ...] = ()
    if not settings.resource_group_name:
        made.append(group_resource())
        group = (_GROUP,)
    addresses = [
        LandingResource(kind=ADDRESS, name=name, after=group, properties=_label_of(name, settings))
        for name in spec.public_names
    ]
    accounts = blob_accounts.resources(spec, after=group, has_settings=True)
    if not spec.networks:
        return (*made, *addresses, *accounts)
    made += template_parts.before_networks(spec, group)
    cidrs: list[JsonValue] = [cidr for _, cidr in sorted(spec.networks.items())]
    made.append(LandingResource(kind=SECURITY, name=_GUARD, after=group))
    made.append(LandingResource(kind=NETWORK, name=_WIDE, after=group, properties={"cidrs": cidrs}))
    needed: tuple[str, ...] = (_WIDE, _GUARD)
    if settings.has_nat_gateway:
        made.append(LandingResource(kind=ADDRESS, name=NAT_ADDRESS, after=group))
        made.append(LandingResource(kind=NAT, name=_NAT, after=(NAT_ADDRESS,)))
        needed = (*needed, _NAT)
    first = template_parts.nat_addresses(spec)
    made += [one for one in addresses if one.name in first]
    made += template_parts.nat_gateways(spec)
    for name, cidr in sorted(spec.networks.items()):
        after = (*needed, *template_parts.names_in(spec, name))
        properties = {"cidr": cidr, **template_parts.of_network(spec.network_parts.get(name))}
        made.append(LandingResource(kind=SUBNET, name=name, after=after, properties=properties))
    made += [one for one in addresses if one.name not in first]
    made += template_parts.networks_of_fronts(spec, needed, has_nat_gateway=settings.has_nat_gateway)
    made += balancer_bodies.load_balancers(spec, group)
    if settings.has_storage_account:
        made.append(LandingResource(kind=ACCOUNT, name=_ACCOUNT, after=group))
    return (*made, *accounts)


def group_resource() -> LandingResource:
    """The environment's own resource group."""
    return LandingResource(kind=GROUP, name=_GROUP)


def render(
    resource: LandingResource, owner: OwnerKey, *, settings: config.AzureConfig, places: ResourcePaths
) -> dict[str, Any]:
    """The body of a PUT."""
    body: dict[str, Any] = {"location": settings.location, "tags": tags.tags_of(owner)}
    match resource.kind:
        case "virtual_network":
            body["properties"] = {"addressSpace": {"addressPrefixes": resource.properties["cidrs"]}}
        case "security_group":
            own = resource.properties.get("rules")
            body["properties"] = {"securityRules": security_rules(settings) if own is None else own}
        case "route_table":
            body["properties"] = {"routes": resource.properties["routes"]}
        case "load_balancer":
            body |= balancer_bodies.balancer_body(resource, places)
        case "public_address":
            body |= {"sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}}
            if "label" in resource.properties:
                body["properties"]["dnsSettings"] = {"domainNameLabel": resource.properties["label"]}
            if settings.zones:
                body["zones"] = list(settings.zones)
        case "nat":
            body |= {"sku": {"name": "Standard"}, "properties": _nat(resource, places)}
        case blob_accounts.ACCOUNT:
            body["tags"] |= blob_bodies.part_tags(resource)
            body |= blob_bodies.body_of(resource)
        case "storage_account":
            body |= {"sku": {"name": "Standard_LRS"}, "kind": "StorageV2"}
            body["properties"] = {
                "minimumTlsVersion": "TLS1_2",
                "supportsHttpsTrafficOnly": True,
                "allowBlobPublicAccess": False,
                "allowSharedKeyAccess": True,
            }
    return body


def security_rules(settings: config.AzureConfig) -> list[dict[str, Any]]:
    """The public ports, open to the public sources; beside them Azure's own rules let in what is in the network."""
    ports = dict.fromkeys(settings.public_ports) if settings.public_sources else {}
    return [_rule(number, port, settings.public_sources) for number, port in enumerate(ports)]


def closed_ports(group: Json, settings: config.AzureConfig) -> list[int]:
    """The public ports that no rule of a security group lets in."""
    rules = [rule["properties"] for rule in group["properties"].get("securityRules", [])]
    return [port for port in dict.fromkeys(settings.public_ports) if not any(_lets_in(rule, port) for rule in rules)]


def render_subnet(resource: LandingResource, *, settings: config.AzureConfig, places: ResourcePaths) -> dict[str, Any]:
    """A subnet behind the environment's security group, or with parts of its own."""
    properties: dict[str, Any] = {"addressPrefix": resource.properties["cidr"]}
    properties["networkSecurityGroup"] = {"id": places.path(names.GROUP, networks.LANDING)}
    parts = resource.properties.get("parts")
    if isinstance(parts, Mapping):
        properties |= template_parts.subnet_references(parts, places)
    if settings.has_nat_gateway and "natGateway" not in properties:
        properties["natGateway"] = {"id": places.path(names.NAT, networks.LANDING)}
    if settings.has_storage_account:
        properties["serviceEndpoints"] = [{"service": "Microsoft.Storage"}]  # there without a way out, and for nothing
    return {"properties": properties}


def render_wider(network: Json, cidr: str) -> dict[str, Any] | None:
    """The network with room for `cidr`; None: it has that already."""
    held = [str(one) for one in network["properties"]["addressSpace"]["addressPrefixes"]]
    wanted = ipaddress.ip_network(cidr)
    if any(wanted.version == 4 and _holds(one, cidr) for one in held):
        return None
    return {
        "location": network["location"],
        "tags": dict(network.get("tags") or {}),
        "properties": {"addressSpace": {"addressPrefixes": [*held, cidr]}},
    }


def read_found(kind: str, resource: Json) -> PartFound | None:
    """As a part of the landing zone; None: not ours."""
    owner = tags.read_owner(resource.get("tags") or {})
    own = str(resource["name"])
    name = plan_name(kind, own)
    return PartFound(id=own, name=name, owner=owner, answer=resource) if owner is not None else None


def plan_name(kind: str, own: str) -> str:
    """What the plan calls a part by Azure's name: the environment's own one of a kind has a name of the plan's."""
    is_own = own == networks.LANDING or kind in (GROUP, ACCOUNT)
    return _SHOWN.get(kind, own) if is_own else own


def azure_name(kind: str, name: str) -> str:
    """The other way round, for those whose name on Azure follows from it."""
    return networks.LANDING if name == _SHOWN.get(kind) else name


def read_subnets(network: Json) -> list[PartFound]:
    """A network's subnets; they bear no tags, so they are whose the network is."""
    owner = tags.read_owner(network.get("tags") or {})
    if owner is None or network["name"] != networks.LANDING:
        return []
    return [
        PartFound(id=str(subnet["name"]), name=str(subnet["name"]), owner=owner, answer=subnet)
        for subnet in network["properties"].get("subnets", [])
    ]


def outputs(kind: str, resource: Json) -> dict[str, str]:
    """Variables for cloud configs."""
    own = str(resource["name"])
    if kind == ADDRESS:
        ip = str(resource["properties"].get("ipAddress", ""))
        label = (resource["properties"].get("dnsSettings") or {}).get("fqdn") or ip
        return {f"{own}_public_ip": ip, f"{own}_public_host": str(label)}
    if kind == blob_accounts.ACCOUNT:
        return dict(blob_bodies.outputs(resource))
    if kind == SUBNET:
        cidr = str(resource["properties"]["addressPrefix"])
        return {f"{own}_cidr": cidr, f"{own}_gateway": networks.read_gateway(cidr)}
    if kind in (SECURITY, BALANCER) and own != networks.LANDING:
        return {f"{own}_{kind}": own}
    named = {ACCOUNT: "storage_account_name", GROUP: "resource_group_name"}
    return {named[kind]: own} if kind in named else {}


def _nat(resource: LandingResource, places: ResourcePaths) -> dict[str, Any]:
    written = resource.properties.get("addresses", [NAT_ADDRESS])
    listed = written if isinstance(written, Sequence) and not isinstance(written, str) else []
    idle = (
        {"idleTimeoutInMinutes": resource.properties["idle_minutes"]} if "idle_minutes" in resource.properties else {}
    )
    return {"publicIpAddresses": [{"id": places.path(names.ADDRESS, str(one))} for one in listed], **idle}


def _label_of(name: str, settings: config.AzureConfig) -> Mapping[str, JsonValue]:
    return {"label": settings.dns_names[name]} if name in settings.dns_names else {}


def _rule(number: int, port: int, sources: Sequence[str]) -> dict[str, Any]:
    return {
        "name": f"allow-{port}",
        "properties": {
            "priority": _FIRST_PRIORITY + number,
            "direction": "Inbound",
            "access": "Allow",
            "protocol": "Tcp",
            **_from(sources),
            "sourcePortRange": "*",
            "destinationAddressPrefix": "*",
            "destinationPortRange": str(port),
        },
    }


def _lets_in(rule: Json, port: int) -> bool:
    if (rule["direction"], rule["access"]) != ("Inbound", "Allow"):
        return False
    ranges = [rule.get("destinationPortRange") or "", *rule.get("destinationPortRanges", [])]
    bounds = [one.partition("-") for one in ranges if one and one != "*"]
    return "*" in ranges or any(int(first) <= port <= int(last or first) for first, _, last in bounds)


def _from(sources: Sequence[str]) -> dict[str, Any]:
    return {"sourceAddressPrefixes": list(sources)} if len(sources) > 1 else {"sourceAddressPrefix": sources[0]}


def _holds(wide: str, narrow: str) -> bool:
    return ipaddress.IPv4Network(narrow).subnet_of(ipaddress.IPv4Network(wide))
