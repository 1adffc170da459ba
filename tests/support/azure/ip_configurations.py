"""IP configurations of interfaces, as Azure's network provider checks and fills them in, of IPv4 and IPv6.

Takes the place and a configuration, changes it, refuses as Azure does.
"""

import ipaddress

from tests.support.azure.place import Change, Place
from tests.support.azure.store import Held, Json, Refusal, is_same

NIC = "Microsoft.Network/networkInterfaces"
Range = ipaddress.IPv4Network | ipaddress.IPv6Network
_BALANCER = "Microsoft.Network/loadBalancers"
_RESERVED = 4


def ranges(properties: Json) -> list[Range]:
    """A subnet's, in the singular or the plural."""
    written = properties.get("addressPrefixes") or [properties.get("addressPrefix", "")]
    return [ipaddress.ip_network(one) for one in written]


def check(configs: list[Json]) -> None:
    """One subnet for all; the primary one is of IPv4, and one of IPv6 at most is beside it."""
    subnets = {config["properties"].get("subnet", {}).get("id", "").lower() for config in configs}
    if len(subnets) > 1:
        words = "IP configurations of one network interface are in different subnets."
        raise Refusal(400, "IpConfigurationsOnSameNicCannotUseDifferentSubnets", words)
    six = [one["properties"] for one in configs if one["properties"].get("privateIPAddressVersion") == "IPv6"]
    if len(six) > 1 or len(six) == len(configs) or any(one.get("primary") for one in six):
        words = "A network interface has a primary IP configuration of IPv4, and one of IPv6 at most beside it."
        raise Refusal(400, "NetworkInterfaceIpv6ConfigurationInvalid", words)
    if len(configs) > 1 and sum(bool(one["properties"].get("primary")) for one in configs) != 1:
        raise Refusal(400, "NicMustHaveOnePrimaryIpConfig", "Exactly one IP configuration must be primary.")


def settle(place: Place, change: Change, config: Json, subnet: Held) -> None:
    """Its address is inside the subnet and not in use; one that is not named is chosen."""
    properties = config.setdefault("properties", {})
    config["id"] = f"{change.id}/ipConfigurations/{config['name']}"
    config["type"] = f"{NIC}/ipConfigurations"
    settle_address(place, change, properties, subnet)


def settle_address(place: Place, change: Change, properties: Json, subnet: Held) -> None:
    """The address of an interface or of a balancer's front."""
    version = 6 if properties.setdefault("privateIPAddressVersion", "IPv4") == "IPv6" else 4
    range_ = next((one for one in ranges(subnet.body["properties"]) if one.version == version), None)
    if range_ is None:
        words = f"Subnet {subnet.id} has no prefix of IPv{version}."
        raise Refusal(400, "SubnetHasNoPrefixOfVersion", words)
    taken = _taken(place, subnet.id, change.id)
    if properties.get("privateIPAllocationMethod") == "Static":
        _check_static(properties.get("privateIPAddress", ""), range_, taken, change.id)
    else:
        properties["privateIPAllocationMethod"] = "Dynamic"
        properties["privateIPAddress"] = _own_or_free(change, range_, taken)
    properties["provisioningState"] = "Succeeded"


def _check_static(address: str, range_: Range, taken: dict[str, str], config_id: str) -> None:
    try:
        wanted = ipaddress.ip_address(address)
    except ValueError as error:
        raise Refusal(400, "InvalidIPAddressFormat", str(error)) from error
    if wanted not in range_:
        words = f"Private static IP address {address} does not belong to the range of subnet prefix {range_}."
        raise Refusal(400, "PrivateIPAddressNotInSubnet", words)
    if int(wanted) - int(range_.network_address) < _RESERVED or wanted == range_.broadcast_address:
        words = f"Private static IP address {address} falls within reserved IP range of subnet prefix {range_}."
        raise Refusal(400, "PrivateIPAddressInReservedRange", words)
    if address in taken:
        words = f"IP configuration {config_id} is using the private IP address {address} which is already allocated to resource {taken[address]}."  # noqa: E501
        raise Refusal(400, "PrivateIPAddressIsAllocated", words)


def _own_or_free(change: Change, range_: Range, taken: dict[str, str]) -> str:
    if change.old:
        own = change.old.body["properties"]
        (before, *_) = own.get("ipConfigurations") or own["frontendIPConfigurations"]
        return str(before["properties"]["privateIPAddress"])
    for number, address in enumerate(range_):
        if number >= _RESERVED and str(address) not in taken:
            return str(address)
    raise Refusal(400, "SubnetIsFull", f"Subnet with address prefix {range_} does not have enough capacity.")


def _taken(place: Place, subnet_id: str, but: str) -> dict[str, str]:
    taken = {}
    for nic in place.store.of_type(NIC):
        for config in nic.body["properties"].get("ipConfigurations", []):
            if not is_same(nic.id, but) and is_same(config["properties"]["subnet"]["id"], subnet_id):
                taken[config["properties"]["privateIPAddress"]] = nic.id
    for balancer in place.store.of_type(_BALANCER):
        for front in balancer.body["properties"].get("frontendIPConfigurations", []):
            own = front.get("properties", {})
            if not is_same(balancer.id, but) and is_same(own.get("subnet", {}).get("id", ""), subnet_id):
                taken[own["privateIPAddress"]] = balancer.id
    return taken
