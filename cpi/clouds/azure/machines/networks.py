"""Bodies of network interfaces, and what their answers say. Pure.

Takes network settings, gives JSON; takes JSON, gives network settings with every address filled in.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from cpi.clouds.azure.machines import network_tags
from cpi.clouds.azure.wire import config, names
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkKind, NetworkSettings, VmRequest
from cpi.kit import judge, tags
from cpi.kit.judge import SubnetFacts, WantedInterface

Json = Mapping[str, Any]
LANDING = "compleat"
"""What the landing zone's network and default security group are called."""
_NIC = "-nic"
_FIRST, _LAST = 4, 1
"""Azure keeps the first four addresses of each subnet and its last one.

Source: MicrosoftDocs/azure-docs articles/virtual-network/virtual-networks-faq.md.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceRequest:
    """One interface to make. `subnet_id` is where; `public_id` leads to it from outside, "" nothing does."""

    name: str
    network: NetworkSettings
    subnet_id: str
    found: config.NetworkProperties
    public_id: str = ""
    pool_ids: tuple[str, ...] = ()
    gateway_pool_ids: tuple[str, ...] = ()


def split(request: VmRequest) -> tuple[tuple[NetworkSettings, ...], NetworkSettings | None]:
    """The networks that become interfaces, that with the gateway first; and the public one."""
    inner = judge.require_network(request)
    public = next((one for one in request.networks if one.kind is NetworkKind.VIP), None)
    if public is not None:
        read_public(public)
    return tuple(sorted(inner, key=lambda one: "gateway" not in one.defaults)), public


def read_public(network: NetworkSettings) -> config.VipProperties:
    """A vip network's cloud properties, checked."""
    return config.read_properties(config.VipProperties, network.cloud_properties, where=f"network '{network.name}'")


def subnet_id(network: NetworkSettings, places: ResourcePaths) -> tuple[str, config.NetworkProperties]:
    """Where an interface on it belongs, and its checked cloud properties."""
    found = config.read_properties(
        config.NetworkProperties, network.cloud_properties, where=f"network '{network.name}'"
    )
    name = found.subnet_name or found.network or network.name
    wide = found.virtual_network_name or LANDING
    return places.subnet(wide, name, group=found.resource_group_name or ""), found


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


def subnet_facts(subnet: Json, staying: int = 0) -> SubnetFacts:
    """A subnet in which so many addresses are held and stay."""
    cidr = read_cidr(subnet)
    return SubnetFacts(
        name=f"Subnet {cidr}",
        ranges=(str(cidr),),
        free=max(0, cidr.num_addresses - _FIRST - _LAST - staying),
        first=_FIRST,
        last=_LAST,
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
    network = requested.network
    address: dict[str, Any] = {"subnet": {"id": requested.subnet_id}, "primary": True}
    if network.kind is NetworkKind.MANUAL:
        address |= {"privateIPAllocationMethod": "Static", "privateIPAddress": network.ip}
    else:
        address |= {"privateIPAllocationMethod": "Dynamic"}
    if requested.public_id:
        address["publicIPAddress"] = {"id": requested.public_id}
    groups = vm.application_security_groups or requested.found.application_security_groups
    if groups:
        address["applicationSecurityGroups"] = [{"id": places.path(names.ASG, name)} for name in groups]
    if requested.pool_ids:
        address["loadBalancerBackendAddressPools"] = [{"id": one} for one in requested.pool_ids]
    if requested.gateway_pool_ids:
        address["applicationGatewayBackendAddressPools"] = [{"id": one} for one in requested.gateway_pool_ids]
    properties: dict[str, Any] = {
        "ipConfigurations": [{"name": "main", "properties": address}],
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
    address = nic["properties"]["ipConfigurations"][0]["properties"]
    ip = read_ip(nic)
    is_static = address.get("privateIPAllocationMethod") == "Static"
    kind = NetworkKind.MANUAL if is_static else NetworkKind.DYNAMIC
    bare = NetworkSettings(name=names.last(address["subnet"]["id"]), kind=kind, ip=ip)
    found = [network_tags.read(network_tags.INNER, labels, ip) or (0, bare)]
    public = network_tags.read(network_tags.PUBLIC, labels, public_ip) if public_ip else None
    return [*found, public] if public else found


def read_ip(nic: Json) -> str:
    """The interface's own address."""
    return str(nic["properties"]["ipConfigurations"][0]["properties"].get("privateIPAddress", ""))


def read_public_id(nic: Json) -> str:
    """The id of the public address that leads to it; "" none does."""
    address = nic["properties"]["ipConfigurations"][0]["properties"]
    return str((address.get("publicIPAddress") or {}).get("id", ""))


def read_subnet_id(nic: Json) -> str:
    """The id of the subnet it is in."""
    return str(nic["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"])


def read_cidr(subnet: Json) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """A subnet's range, the first where it has several."""
    about = subnet["properties"]
    return ipaddress.ip_network(str(about.get("addressPrefix") or about["addressPrefixes"][0]))


def read_prefix(subnet: Json) -> int:
    """A subnet's length in bits."""
    return read_cidr(subnet).prefixlen


def read_gateway(cidr: str) -> str:
    """Azure's own router has the first address of each subnet."""
    return str(ipaddress.ip_network(cidr)[1])


def _remember(requested: InterfaceRequest, request: VmRequest) -> dict[str, str]:
    _, public = split(request)
    kept = network_tags.write(network_tags.INNER, request.networks.index(requested.network), requested.network)
    if requested.public_id and public:
        kept |= network_tags.write(network_tags.PUBLIC, request.networks.index(public), public)
    return kept


def _first(one: bool | None, other: bool) -> bool:
    return other if one is None else one
