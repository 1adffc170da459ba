"""Bodies of network interfaces, and what their answers say. Pure.

Takes network settings, gives JSON; takes JSON, gives network settings with every address filled in. Networks of one
`nic_group` are IP configurations of one interface.
"""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from cpi.clouds.azure.machines import network_tags
from cpi.clouds.azure.wire import config, names
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkKind, NetworkSettings, VmRequest
from cpi.kit import judge, tags
from cpi.kit.ipv6 import is_ipv6
from cpi.kit.judge import SubnetFacts, WantedInterface
from cpi.kit.network_interfaces import Interface, InterfaceRule, interfaces_of, subnets_differ

Json = Mapping[str, Any]
INTERFACES = InterfaceRule(cloud="Azure", has_ipv6_alone=False)
LANDING = "compleat"
"""What the landing zone's network and default security group are called."""
_NIC = "-nic"
_IPV4, _IPV6 = "main", "ipv6"
"""What the IP configurations of an interface are called."""
_NAT_RULES = "loadBalancerInboundNatRules"
_READ_ONLY = frozenset({"provisioningState", "resourceGuid", "macAddress", "virtualMachine"})
"""What Azure alone sets on an interface."""
_FIRST, _LAST = 4, 1
"""Azure keeps the first four addresses of each subnet and its last one.

Source: MicrosoftDocs/azure-docs articles/virtual-network/virtual-networks-faq.md.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceRequest:
    """One interface to make. `subnet_id` is where, `found` what its networks' cloud properties say together;
    `public_id` leads to its IPv4 address from outside, "" nothing does.
    """

    name: str
    interface: Interface
    subnet_id: str
    found: config.NetworkProperties
    public_id: str = ""
    pool_ids: tuple[str, ...] = ()
    nat_rule_ids: tuple[str, ...] = ()
    gateway_pool_ids: tuple[str, ...] = ()


def split(request: VmRequest) -> tuple[tuple[Interface, ...], NetworkSettings | None]:
    """The interfaces, that with the gateway first; and the public network."""
    inner = interfaces_of(judge.require_network(request))
    public = next((one for one in request.networks if one.kind is NetworkKind.VIP), None)
    if public is not None:
        read_public(public)
    return tuple(sorted(inner, key=lambda one: "gateway" not in one.defaults)), public


def read_public(network: NetworkSettings) -> config.VipProperties:
    """A vip network's cloud properties, checked."""
    return config.read_properties(config.VipProperties, network.cloud_properties, where=f"network '{network.name}'")


def placed(interface: Interface, places: ResourcePaths) -> tuple[str, config.NetworkProperties]:
    """Where an interface belongs, and the checked cloud properties of its networks together.

    It is in the subnet that one of its networks names, else in that called like its IPv4 network.
    Raises CloudError: nic-group-subnets-differ, nic-group-security-groups-differ.
    """
    main_first = sorted(interface.networks, key=lambda one: one is not interface.main)
    read = [_read_properties(one) for one in main_first]
    paths = [_subnet_id(one, found, places) for one, found in zip(main_first, read, strict=True)]
    named = [path for path, found in zip(paths, read, strict=True) if _names_place(found)]
    if len({path.lower() for path in named}) > 1:
        judge.require([subnets_differ(interface, dict.fromkeys(map(names.last, named)))])
    place = next((found for found in read if _names_place(found)), read[0])
    groups = {str(one.security_group): one.security_group for one in read if one.security_group}
    if len(groups) > 1:
        raise _groups_differ(interface, list(groups.values()))
    together = {
        "security_group": next(iter(groups.values()), None),
        "application_security_groups": tuple(
            dict.fromkeys(name for one in read for name in one.application_security_groups)
        ),
        "ip_forwarding": any(one.ip_forwarding for one in read),
        "accelerated_networking": any(one.accelerated_networking for one in read),
    }
    return (named or paths)[0], place.model_copy(update=together)


def _read_properties(network: NetworkSettings) -> config.NetworkProperties:
    return config.read_properties(config.NetworkProperties, network.cloud_properties, where=f"network '{network.name}'")


def _names_place(found: config.NetworkProperties) -> bool:
    return bool(found.subnet_name or found.network or found.virtual_network_name)


def _subnet_id(network: NetworkSettings, found: config.NetworkProperties, places: ResourcePaths) -> str:
    name = found.subnet_name or found.network or network.name
    wide = found.virtual_network_name or LANDING
    return places.subnet(wide, name, group=found.resource_group_name or "")


def _groups_differ(interface: Interface, groups: Sequence[str | config.SecurityGroup]) -> CloudError:
    shown = ", ".join(f"'{one.name}'" if isinstance(one, config.SecurityGroup) else f"'{one}'" for one in groups)
    listed = ", ".join(f"'{one.name}'" for one in interface.networks)
    return CloudError(
        "nic-group-security-groups-differ",
        f"Networks {listed} cannot share a network interface.",
        why=f"An interface has one security group; their cloud properties name {shown}.",
        fix="Name the same `security_group`, or give the networks `nic_group`s of their own.",
    )


def nic_name(vm_name: str, number: int) -> str:
    """An interface is named after its VM."""
    return f"{vm_name}{_NIC}{number}"


def own_address_name(vm_name: str) -> str:
    """A public address that a VM has for its lifetime is named after it, too."""
    return f"{vm_name}-ip"


def render_own_address(request: VmRequest, settings: config.AzureConfig, *, zones: Sequence[str]) -> dict[str, Any]:
    """The body of a PUT of such an address."""
    body: dict[str, Any] = {
        "location": settings.location,
        "sku": {"name": "Standard"},
        "tags": tags.tags_of(request.owner),
        "properties": {
            "publicIPAllocationMethod": "Static",
            "idleTimeoutInMinutes": settings.pip_idle_timeout_in_minutes,
        },
    }
    if zones:
        body["zones"] = list(zones)
    return body


def vm_name(nic: Json) -> str:
    """The name of the VM that an interface is named after."""
    return str(nic["name"]).rpartition(_NIC)[0]


def check_address(vm: str, network: NetworkSettings, subnet: Json) -> None:
    """Refuse an address before Azure does. Raises CloudError: address-outside-network, address-reserved."""
    if network.kind is NetworkKind.MANUAL and network.ip:
        wanted = WantedInterface(vm=vm, network=network.name, subnet=str(subnet["name"]), address=network.ip)
        judge.require(judge.placed(wanted, subnet_facts(subnet)))


def subnet_facts(subnet: Json, staying: int = 0, *, six: bool = False) -> SubnetFacts:
    """A subnet in which so many IPv4 addresses are held and stay; those of IPv6 are too many to run out."""
    cidrs = read_cidrs(subnet)
    room = sum(max(0, one.num_addresses - _FIRST - _LAST) for one in cidrs if one.version == 4)
    return SubnetFacts(
        name=f"Subnet {', '.join(map(str, cidrs))}",
        ranges=tuple(map(str, cidrs)),
        free=max(0, room - staying),
        first=_FIRST,
        last=_LAST,
        is_shared_out=not six,
    )


def network_path(subnet_id: str) -> str:
    """The virtual network that a subnet is of."""
    return subnet_id.rpartition("/subnets/")[0]


def check_location(network: Json, location: str) -> None:
    """Refuse one of another location before Azure does. Raises CloudError, code network-elsewhere."""
    held = str(network.get("location", ""))
    if _plain(held) != _plain(location):
        raise CloudError(
            "network-elsewhere",
            f"Virtual network '{network['name']}' is in {held}, but VMs would be in {location}.",
            why="Azure requires an interface in the location of its network, and a VM in that of its interfaces.",
            fix="Correct `location` in the settings, or use a network in that location.",
        )


def _plain(location: str) -> str:
    """ "West Europe" is "westeurope"."""
    return location.replace(" ", "").lower()


def find_public(addresses: Sequence[Json], network: NetworkSettings) -> Json:
    """The public address that a vip network means. Raises NotFoundError, code unknown-public-address."""
    for address in addresses:
        if address["properties"].get("ipAddress") == network.ip:
            return address
    known = [str(one["properties"].get("ipAddress")) for one in addresses]
    raise judge.unknown_public_address(network.ip or "", known, cloud="Azure")


def render_nic(
    requested: InterfaceRequest, request: VmRequest, settings: config.AzureConfig, *, places: ResourcePaths
) -> dict[str, Any]:
    """The body of a PUT."""
    vm = config.read_properties(config.VmProperties, request.cloud_properties, where=f"VM '{request.name}'")
    groups = vm.application_security_groups or requested.found.application_security_groups
    members = [{"id": places.path(names.ASG, name)} for name in groups]
    main_first = (requested.interface.main, *requested.interface.others)
    properties: dict[str, Any] = {
        "ipConfigurations": [_ip_configuration(one, requested, members) for one in main_first],
        "enableIPForwarding": bool(_first(vm.ip_forwarding, requested.found.ip_forwarding)),
        "enableAcceleratedNetworking": bool(_first(vm.accelerated_networking, requested.found.accelerated_networking)),
    }
    group = group_of(vm, requested.found, settings)
    if group:
        properties["networkSecurityGroup"] = {"id": group_id(group, places)}
    return {
        "location": places.location,
        "tags": {**_remember(requested, request), **tags.tags_of(request.owner)},
        "properties": properties,
    }


def render_without_rules(nic: Json, rules: Set[str]) -> dict[str, Any]:
    """The body of a PUT of an interface that is there, to which inbound NAT rules of these lower-case ids no longer
    lead.
    """
    properties = {key: value for key, value in nic["properties"].items() if key not in _READ_ONLY}
    configurations = [_without_rules(one, rules) for one in _configurations(nic)]
    return {
        "location": nic["location"],
        "tags": dict(nic.get("tags") or {}),
        "properties": {**properties, "ipConfigurations": configurations},
    }


def _without_rules(configuration: Json, rules: Set[str]) -> dict[str, Any]:
    properties = {key: value for key, value in configuration["properties"].items() if key not in _READ_ONLY}
    led = [one for one in properties.pop(_NAT_RULES, ()) if str(one["id"]).lower() not in rules]
    return {"name": configuration["name"], "properties": {**properties, **({_NAT_RULES: led} if led else {})}}


def _ip_configuration(network: NetworkSettings, requested: InterfaceRequest, members: Sequence[Json]) -> dict[str, Any]:
    """Azure requires one security: all configurations of an interface join the same application security groups."""
    is_main = network is requested.interface.main
    address: dict[str, Any] = {"subnet": {"id": requested.subnet_id}, "primary": is_main}
    if network.kind is NetworkKind.MANUAL:
        address |= {"privateIPAllocationMethod": "Static", "privateIPAddress": network.ip}
    else:
        address |= {"privateIPAllocationMethod": "Dynamic"}
    if is_ipv6(network):
        address["privateIPAddressVersion"] = "IPv6"
    if members:
        address["applicationSecurityGroups"] = list(members)
    if is_main:
        address |= _reached_by(requested)
    return {"name": _configuration_name(network), "properties": address}


def _reached_by(requested: InterfaceRequest) -> dict[str, Any]:
    """What leads to an interface's IPv4 address: a public address, pools of balancers."""
    found: dict[str, Any] = {}
    if requested.public_id:
        found["publicIPAddress"] = {"id": requested.public_id}
    if requested.pool_ids:
        found["loadBalancerBackendAddressPools"] = [{"id": one} for one in requested.pool_ids]
    if requested.nat_rule_ids:
        found[_NAT_RULES] = [{"id": one} for one in requested.nat_rule_ids]
    if requested.gateway_pool_ids:
        found["applicationGatewayBackendAddressPools"] = [{"id": one} for one in requested.gateway_pool_ids]
    return found


def _configuration_name(network: NetworkSettings) -> str:
    """An interface has one address of each version."""
    return _IPV6 if is_ipv6(network) else _IPV4


def group_of(
    vm: config.VmProperties, network: config.NetworkProperties, settings: config.AzureConfig
) -> str | config.SecurityGroup | None:
    """The security group of an interface: the VM's, else the network's, else the settings'."""
    return vm.security_group or network.security_group or settings.default_security_group or None


def group_id(group: str | config.SecurityGroup, places: ResourcePaths) -> str:
    """A security group's id, from its name alone or with its resource group."""
    if isinstance(group, str):
        return places.path(names.GROUP, group)
    return places.path(names.GROUP, group.name, group=group.resource_group_name)


def read_nic(nic: Json, public_ip: str = "") -> list[tuple[int, NetworkSettings]]:
    """The networks of an interface, each with its index among the VM's: its own, and the public one."""
    labels = nic.get("tags") or {}
    found = [_read_configuration(one, labels) for one in _configurations(nic)]
    public = network_tags.read(network_tags.PUBLIC, labels, public_ip) if public_ip else None
    return [*found, public] if public else found


def _read_configuration(one: Json, labels: Mapping[str, str]) -> tuple[int, NetworkSettings]:
    address = one["properties"]
    ip = _read_address(address)
    is_static = address.get("privateIPAllocationMethod") == "Static"
    kind = NetworkKind.MANUAL if is_static else NetworkKind.DYNAMIC
    bare = NetworkSettings(name=names.last(address["subnet"]["id"]), kind=kind, ip=ip)
    return network_tags.read(_tag_word(str(one.get("name", ""))), labels, ip) or (0, bare)


def read_ip(nic: Json) -> str:
    """The interface's IPv4 address."""
    return _read_address(_primary(nic))


def read_addresses(nic: Json) -> tuple[str, ...]:
    """All private addresses of an interface."""
    return tuple(_read_address(one["properties"]) for one in _configurations(nic))


def address_of(nic: Json, network: NetworkSettings) -> str:
    """The address that one of its networks has."""
    six = is_ipv6(network)
    return next((one for one in read_addresses(nic) if (":" in one) is six), "")


def read_public_id(nic: Json) -> str:
    """The id of the public address that leads to it; "" none does."""
    return str((_primary(nic).get("publicIPAddress") or {}).get("id", ""))


def read_subnet_id(nic: Json) -> str:
    """The id of the subnet it is in."""
    return str(_primary(nic)["subnet"]["id"])


def _configurations(nic: Json) -> Iterator[Json]:
    yield from nic["properties"]["ipConfigurations"]


def _primary(nic: Json) -> Json:
    """The properties of its first configuration, which Azure requires to be of IPv4."""
    found = [one["properties"] for one in _configurations(nic)]
    return next((one for one in found if one.get("primary")), found[0])


def _read_address(properties: Json) -> str:
    """Abbreviated, as plans have it."""
    written = str(properties.get("privateIPAddress", ""))
    return str(ipaddress.ip_address(written)) if ":" in written else written


def read_cidrs(subnet: Json) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """A subnet's ranges, those of IPv4 first."""
    about = subnet["properties"]
    written = about.get("addressPrefixes") or [about["addressPrefix"]]
    return tuple(sorted(map(ipaddress.ip_network, map(str, written)), key=lambda one: one.version))


def read_cidr(subnet: Json) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """A subnet's first range."""
    return read_cidrs(subnet)[0]


def read_prefix(subnet: Json) -> int:
    """A subnet's length in bits."""
    return read_cidr(subnet).prefixlen


def read_gateway(cidr: str) -> str:
    """Azure's own router has the first address of each subnet."""
    return str(ipaddress.ip_network(cidr)[1])


def _remember(requested: InterfaceRequest, request: VmRequest) -> dict[str, str]:
    _, public = split(request)
    kept: dict[str, str] = {}
    for one in requested.interface.networks:
        kept |= network_tags.write(_tag_word(_configuration_name(one)), request.networks.index(one), one)
    if requested.public_id and public:
        kept |= network_tags.write(network_tags.PUBLIC, request.networks.index(public), public)
    return kept


def _tag_word(configuration: str) -> str:
    return f"{network_tags.INNER}-{_IPV6}" if configuration == _IPV6 else network_tags.INNER


def _first(one: bool | None, other: bool) -> bool:
    return other if one is None else one
