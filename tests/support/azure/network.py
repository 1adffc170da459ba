"""What Azure's network provider checks and fills in: networks, subnets, groups, addresses, interfaces, balancers.

Takes the place and a body, changes the body, refuses as Azure does.
"""

import functools
import ipaddress
import uuid
from collections.abc import Callable

from tests.support.azure import balancer_fronts, ip_configurations
from tests.support.azure.catalogue import LOCATION
from tests.support.azure.ip_configurations import NIC as NIC
from tests.support.azure.ip_configurations import Range
from tests.support.azure.observer import NicFacts
from tests.support.azure.place import Change, Place
from tests.support.azure.store import Held, Json, Refusal, is_same

NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"
ADDRESS = "Microsoft.Network/publicIPAddresses"
GATEWAY = "Microsoft.Network/applicationGateways"
BALANCER = "Microsoft.Network/loadBalancers"
NAT = "Microsoft.Network/natGateways"
_IPV6_PREFIX = 64
_PARTS = ("frontendIPConfigurations", "backendAddressPools", "loadBalancingRules", "inboundNatRules", "probes")


def put_network(place: Place, change: Change) -> None:
    """A network; subnets in its body become resources of their own, those that are not named stay."""
    properties = change.body.setdefault("properties", {})
    prefixes = properties.get("addressSpace", {}).get("addressPrefixes", [])
    try:
        wide = [ipaddress.ip_network(prefix) for prefix in prefixes]
    except ValueError as error:
        raise Refusal(400, "InvalidAddressPrefixFormat", str(error)) from error
    for subnet in _subnets(place, change.id):
        _check_inside(subnet.body["properties"], wide, subnet.body["name"])
    for written in properties.pop("subnets", []):
        _add_subnet(place, change, written)
    properties.setdefault("enableDdosProtection", False)
    properties["resourceGuid"] = _guid(change.id)


def put_subnet(place: Place, change: Change) -> None:
    """A subnet inside its network's space, apart from its fellows."""
    network = place.store.need(change.id.rsplit("/subnets/", 1)[0])
    properties = change.body.setdefault("properties", {})
    spaces = network.body["properties"]["addressSpace"]["addressPrefixes"]
    own = _check_inside(properties, [ipaddress.ip_network(one) for one in spaces], change.name)
    for other in _subnets(place, network.id):
        ranges = ip_configurations.ranges(other.body["properties"])
        if not is_same(other.id, change.id) and any(_overlap(one, two) for one in own for two in ranges):
            words = f"Subnet '{change.name}' is not valid because its IP address range overlaps with '{other.body['name']}'."  # noqa: E501
            raise Refusal(400, "NetcfgSubnetRangesOverlap", words)
    _need_references(place, properties, ("networkSecurityGroup", "routeTable", "natGateway"))
    change.body.pop("location", None)
    properties.setdefault("privateEndpointNetworkPolicies", "Disabled")
    properties.setdefault("privateLinkServiceNetworkPolicies", "Enabled")


def put_group(place: Place, change: Change) -> None:
    """A security group."""
    properties = change.body.setdefault("properties", {})
    rules = properties.setdefault("securityRules", [])
    places = [(rule["properties"]["priority"], rule["properties"]["direction"]) for rule in rules]
    if len(set(places)) != len(places):
        raise Refusal(400, "SecurityRuleConflict", "Security rules have the same priority and direction.")
    for rule in rules:
        rule["id"] = f"{change.id}/securityRules/{rule['name']}"
        rule["properties"]["provisioningState"] = "Succeeded"
    properties["resourceGuid"] = _guid(change.id)


def put_address(place: Place, change: Change) -> None:
    """A public address; a static one has its number at once."""
    properties = change.body.setdefault("properties", {})
    sku = change.body.setdefault("sku", {"name": "Basic"})
    sku.setdefault("tier", "Regional")
    if sku["name"] == "Standard" and properties.get("publicIPAllocationMethod") != "Static":
        raise Refusal(
            400, "StandardSkuPublicIPAddressesMustBeStatic", "Standard sku publicIp addresses must be static."
        )
    if change.old is None:
        held = place.store.of_type(ADDRESS)
        if len(held) >= place.region.limits["PublicIPAddresses"]:
            limit = place.region.limits["PublicIPAddresses"]
            words = f"Cannot create more than {limit} public IP addresses for this subscription in this region."
            raise Refusal(400, "PublicIPCountLimitReached", words)
        properties["ipAddress"] = place.observer.choose_public_ip(change.id) or _free_public(held)
    else:
        before = change.old.body["properties"]
        properties["ipAddress"] = before["ipAddress"]
        if "ipConfiguration" in before:
            properties["ipConfiguration"] = before["ipConfiguration"]
    _name(place, change, properties)
    properties.setdefault("publicIPAddressVersion", "IPv4")
    properties.setdefault("idleTimeoutInMinutes", 4)
    properties["resourceGuid"] = _guid(change.id)


def is_label_free(place: Place, label: str, *, but: str = "") -> bool:
    """Whether no address but one has a DNS label."""
    others = [one for one in place.store.of_type(ADDRESS) if not is_same(one.id, but)]
    held = {one.body["properties"].get("dnsSettings", {}).get("domainNameLabel") for one in others}
    return label not in held | place.region.taken_labels


def _name(place: Place, change: Change, properties: Json) -> None:
    label = properties.get("dnsSettings", {}).get("domainNameLabel")
    if label is None:
        return
    if not is_label_free(place, label, but=change.id):
        words = f"DNS record {label}.{LOCATION}.cloudapp.azure.com is already used by another public IP."
        raise Refusal(400, "DnsRecordInUse", words)
    properties["dnsSettings"]["fqdn"] = f"{label}.{LOCATION}.cloudapp.azure.com"


def put_nic(place: Place, change: Change) -> None:
    """An interface: its addresses are inside their subnets and not in use."""
    properties = change.body.setdefault("properties", {})
    _need_references(place, properties, ("networkSecurityGroup",))
    before = change.old.body["properties"] if change.old else {}
    for key in ("virtualMachine", "macAddress"):
        if key in before:
            properties[key] = before[key]
    ip_configurations.check(properties.get("ipConfigurations", []))
    for number, config in enumerate(properties.get("ipConfigurations", [])):
        for kind in ("loadBalancerBackendAddressPools", "applicationGatewayBackendAddressPools"):
            for pool in config["properties"].get(kind, []):
                _need_pool(place, pool["id"])
        for rule in config["properties"].get("loadBalancerInboundNatRules", []):
            balancer_fronts.need_rule(place, rule["id"], f"{change.id}/ipConfigurations/{config['name']}")
        subnet = _need(place, config["properties"].get("subnet", {}).get("id", ""))
        ip_configurations.settle(place, change, config, subnet)
        config["properties"].setdefault("primary", number == 0)
    _settle_public(place, change, before)
    properties["resourceGuid"] = _guid(change.id)
    properties.setdefault("enableAcceleratedNetworking", False)
    properties.setdefault("enableIPForwarding", False)


def put_plain(place: Place, change: Change) -> None:
    """What is kept as it is written: balancers, gateways, NAT gateways, route tables."""
    properties = change.body.setdefault("properties", {})
    for address in properties.get("publicIpAddresses", []):
        _need(place, address["id"])
    balancer_fronts.settle(place, change)
    for kind in _PARTS:
        for part in properties.get(kind, []):
            part["id"] = f"{change.id}/{kind}/{part['name']}"
            part.setdefault("properties", {})["provisioningState"] = "Succeeded"
    properties["resourceGuid"] = _guid(change.id)


def delete_nic(place: Place, held: Held) -> None:
    """Not while a VM has it; its public address is free afterwards."""
    vm = held.body["properties"].get("virtualMachine", {}).get("id", "")
    if vm:
        words = f"Network Interface {held.id} is used by existing resource {vm}."
        raise Refusal(400, "NicInUse", words)


def delete_subnet(place: Place, held: Held) -> None:
    """Not while an interface or a load balancer's front is in it."""
    for front in balancer_fronts.in_subnet(place, held.id):
        words = f"Subnet {held.body['name']} is in use by {front} and cannot be deleted."
        raise Refusal(400, "InUseSubnetCannotBeDeleted", words)
    for nic in place.store.of_type(NIC):
        for config in nic.body["properties"].get("ipConfigurations", []):
            if is_same(config["properties"].get("subnet", {}).get("id", ""), held.id):
                words = f"Subnet {held.body['name']} is in use by {nic.id} and cannot be deleted."
                raise Refusal(400, "InUseSubnetCannotBeDeleted", words)


def delete_network(place: Place, held: Held) -> None:
    """Not while a subnet of it is used."""
    for subnet in _subnets(place, held.id):
        delete_subnet(place, subnet)


def delete_address(place: Place, held: Held) -> None:
    """Not while an interface, a NAT gateway or a load balancer has it."""
    for gateway in place.store.of_type(NAT):
        for one in gateway.body["properties"].get("publicIpAddresses", []):
            if is_same(one["id"], held.id):
                words = f"Public IP address {held.id} can not be deleted since it is still allocated to {gateway.id}."
                raise Refusal(400, "PublicIPAddressCannotBeDeleted", words)
    front = balancer_fronts.has_address(place, held.id)
    if front:
        words = f"Public IP address {held.id} can not be deleted since it is still allocated to resource {front}."
        raise Refusal(400, "PublicIPAddressCannotBeDeleted", words)
    used = held.body["properties"].get("ipConfiguration", {}).get("id", "")
    nic = place.store.find(used.split("/ipConfigurations/")[0]) if used else None
    if nic:
        words = f"Public IP address {held.id} can not be deleted since it is still allocated to resource {used}."
        raise Refusal(400, "PublicIPAddressCannotBeDeleted", words)


def delete_group(place: Place, held: Held) -> None:
    """Not while an interface or subnet has it."""
    for user in [*place.store.of_type(NIC), *place.store.of_type(SUBNET)]:
        if is_same(user.body["properties"].get("networkSecurityGroup", {}).get("id", ""), held.id):
            words = f"Network security group {held.id} cannot be deleted because it is in use by {user.id}."
            raise Refusal(400, "InUseNetworkSecurityGroupCannotBeDeleted", words)


def delete_table(place: Place, held: Held) -> None:
    """Not while a subnet has it."""
    _refuse_of_subnets(place, held, "routeTable", "InUseRouteTableCannotBeDeleted")


def delete_gateway(place: Place, held: Held) -> None:
    """Not while a subnet has it."""
    _refuse_of_subnets(place, held, "natGateway", "InUseNatGatewayCannotBeDeleted")


def _refuse_of_subnets(place: Place, held: Held, key: str, code: str) -> None:
    for subnet in place.store.of_type(SUBNET):
        if is_same(subnet.body["properties"].get(key, {}).get("id", ""), held.id):
            raise Refusal(400, code, f"{held.id} cannot be deleted because it is in use by {subnet.id}.")


def let_go(place: Place, nic: Held) -> None:
    """A deleted interface frees its public address."""
    for config in nic.body["properties"].get("ipConfigurations", []):
        address = place.store.find(config["properties"].get("publicIPAddress", {}).get("id", ""))
        if address and address.body["properties"].pop("ipConfiguration", None):
            number = address.body["properties"]["ipAddress"]
            place.later.append(functools.partial(place.observer.public_ip_dissociated, number, nic.id))


def nics_of(place: Place, vm_properties: Json) -> list[Held]:
    """A VM's interfaces in order."""
    references = vm_properties.get("networkProfile", {}).get("networkInterfaces", [])
    return [nic for nic in (place.store.find(one["id"]) for one in references) if nic]


def nic_facts(place: Place, nic: Held) -> NicFacts:
    """The facts of an interface for an observer."""
    config = nic.body["properties"]["ipConfigurations"][0]["properties"]
    subnet = place.store.need(config["subnet"]["id"])
    address = place.store.find(config.get("publicIPAddress", {}).get("id", ""))
    return NicFacts(
        id=nic.id,
        private_ip=config["privateIPAddress"],
        subnet_cidr=str(ip_configurations.ranges(subnet.body["properties"])[0]),
        subnet_id=subnet.id,
        public_ip=address.body["properties"]["ipAddress"] if address else "",
    )


def associations(place: Place, nics: list[Held]) -> list[Callable[[], None]]:
    """Observer calls with the public addresses of these interfaces."""
    facts = [nic_facts(place, nic) for nic in nics]
    return [
        functools.partial(place.observer.public_ip_associated, fact.public_ip, fact) for fact in facts if fact.public_ip
    ]


def _settle_public(place: Place, change: Change, before: Json) -> None:
    wanted: dict[str, str] = {}
    for config in change.body["properties"].get("ipConfigurations", []):
        public = config["properties"].get("publicIPAddress", {}).get("id", "")
        if public:
            address = _need(place, public)
            used = address.body["properties"].get("ipConfiguration", {}).get("id", config["id"])
            if not is_same(used, config["id"]):
                words = f"Resource {config['id']} is referencing public IP address {address.id} that is already allocated to resource {used}."  # noqa: E501
                raise Refusal(400, "PublicIPAddressInUse", words)
            wanted[address.id] = config["id"]
    for config in before.get("ipConfigurations", []):
        old = place.store.find(config["properties"].get("publicIPAddress", {}).get("id", ""))
        if old and old.id not in wanted and old.body["properties"].pop("ipConfiguration", None):
            number = old.body["properties"]["ipAddress"]
            change.after.append(functools.partial(place.observer.public_ip_dissociated, number, change.id))
    had = {
        config["properties"].get("publicIPAddress", {}).get("id", "").lower()
        for config in before.get("ipConfigurations", [])
    }
    for address_id, config_id in wanted.items():
        address = place.store.need(address_id)
        address.body["properties"]["ipConfiguration"] = {"id": config_id}
        if "virtualMachine" in before and address_id.lower() not in had:
            change.after.append(functools.partial(_tell, place, change.id, address.body["properties"]["ipAddress"]))


def _add_subnet(place: Place, change: Change, written: Json) -> None:
    subnet_id = f"{change.id}/subnets/{written['name']}"
    if place.store.find(change.id) is None:
        place.store.put(Held(id=change.id, body={**change.body, "type": NETWORK, "name": change.name}))
    inner = Change(
        id=subnet_id, scope=change.scope, name=written["name"], body=written, old=place.store.find(subnet_id)
    )
    put_subnet(place, inner)
    body = {**inner.body, "id": subnet_id, "type": SUBNET}
    body["properties"]["provisioningState"] = "Succeeded"
    place.store.put(Held(id=subnet_id, body=body))


def _subnets(place: Place, network_id: str) -> list[Held]:
    return [one for one in place.store.of_type(SUBNET) if is_same(one.id.rsplit("/subnets/", 1)[0], network_id)]


def show_pools(place: Place, held: Held) -> Json:
    """A balancer or gateway with the interfaces that joined its pools, as Azure answers."""
    pools = [dict(pool) for pool in held.body["properties"].get("backendAddressPools", [])]
    for pool in pools:
        joined = [{"id": config["id"]} for config in _configs(place) if _is_in_pool(config, pool["id"])]
        pool["properties"] = {**pool.get("properties", {}), **({"backendIPConfigurations": joined} if joined else {})}
    rules = {"inboundNatRules": shown} if (shown := balancer_fronts.shown_rules(place, held)) else {}
    return {**held.body, "properties": {**held.body["properties"], "backendAddressPools": pools, **rules}}


def _configs(place: Place) -> list[Json]:
    return [one for nic in place.store.of_type(NIC) for one in nic.body["properties"].get("ipConfigurations", [])]


def _is_in_pool(config: Json, pool_id: str) -> bool:
    kinds = ("loadBalancerBackendAddressPools", "applicationGatewayBackendAddressPools")
    return any(is_same(pool["id"], pool_id) for kind in kinds for pool in config["properties"].get(kind, []))


def show_network(place: Place, held: Held) -> Json:
    """With its subnets inside, as Azure answers."""
    subnets = [one.body for one in _subnets(place, held.id)]
    return {**held.body, "properties": {**held.body["properties"], "subnets": subnets}}


def _overlap(one: Range, other: Range) -> bool:
    return one.version == other.version and one.overlaps(other)


def _is_inside(one: Range, space: Range) -> bool:
    if isinstance(one, ipaddress.IPv4Network):
        return isinstance(space, ipaddress.IPv4Network) and one.subnet_of(space)
    return isinstance(space, ipaddress.IPv6Network) and one.subnet_of(space)


def _check_inside(properties: Json, wide: list[Range], name: str) -> list[Range]:
    try:
        own = ip_configurations.ranges(properties)
    except ValueError as error:
        raise Refusal(400, "InvalidAddressPrefixFormat", str(error)) from error
    if any(one.version == 6 and one.prefixlen != _IPV6_PREFIX for one in own):
        raise Refusal(400, "InvalidIPv6SubnetPrefixLength", f"The IPv6 prefix of subnet '{name}' must be a /64.")
    if not all(any(_is_inside(one, space) for space in wide) for one in own):
        words = (
            f"Subnet '{name}' is not valid because its IP address range is outside the IP address range of its network."
        )
        raise Refusal(400, "NetcfgSubnetRangeOutsideVnet", words)
    return own


def _need_references(place: Place, properties: Json, names: tuple[str, ...]) -> None:
    for name in names:
        if name in properties:
            _need(place, properties[name].get("id", ""))


def _need_pool(place: Place, pool_id: str) -> None:
    """A pool is a part of its balancer, and no resource of its own here."""
    balancer = _need(place, pool_id.partition("/backendAddressPools/")[0])
    pools = balancer.body["properties"].get("backendAddressPools", [])
    if not any(is_same(one["id"], pool_id) for one in pools):
        raise Refusal(400, "InvalidResourceReference", f"Resource {pool_id} referenced by resource was not found.")


def _need(place: Place, resource_id: str) -> Held:
    found = place.store.find(resource_id)
    if found is None:
        words = f"Resource {resource_id} referenced by resource was not found. Please make sure that it exists."
        raise Refusal(400, "InvalidResourceReference", words)
    return found


def _free_public(held: list[Held]) -> str:
    taken = {one.body["properties"]["ipAddress"] for one in held}
    return next(
        f"20.50.{high}.{low}" for high in range(256) for low in range(4, 250) if f"20.50.{high}.{low}" not in taken
    )


def _guid(resource_id: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, resource_id.lower()))


def _tell(place: Place, nic_id: str, number: str) -> None:
    with place.store.lock:
        facts = nic_facts(place, place.store.need(nic_id))
    place.observer.public_ip_associated(number, facts)
