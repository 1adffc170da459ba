"""Networks that deployments create: their names in the landing zone, and which VMs are on them.

Takes names and what clouds have, gives names and ranges.
"""

from collections.abc import Iterable, Mapping

from cpi.contract.landing_parts import NetworkParts
from cpi.contract.value_classes import dataclass
from cpi.contract.values import FoundLandingResource, JsonValue, LandingResource, NetworkSettings

PROPERTY = "network"
"""The cloud property by which a VM names a network of the landing zone, on each of compleat's own clouds."""
_FIRST = "managed"
_ROUTE_TABLE, _NAT_GATEWAY = "route_table", "nat_gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedNeed:
    """One subnet on one cloud: its name in the landing zone, and the resources that it consists of."""

    cloud: str
    name: str
    resources: tuple[LandingResource, ...]

    def is_used_by(self, networks: Iterable[NetworkSettings]) -> bool:
        """Whether a VM with these networks is on it."""
        return any(one.cloud_properties.get(PROPERTY) == self.name for one in networks)


def landing_name(network: str, subnet: str) -> str:
    """Neither name has a dot, so both can be read from it again."""
    return f"{_FIRST}.{network}.{subnet}"


def placed(landed: str) -> Mapping[str, JsonValue]:
    """The cloud properties of VMs on it."""
    return {PROPERTY: landed}


def written_parts(parts: NetworkParts) -> Mapping[str, str]:
    """The cloud properties of a managed subnet that name parts of the landing zone."""
    written = {_ROUTE_TABLE: parts.route_table, _NAT_GATEWAY: parts.nat_gateway}
    return {key: name for key, name in written.items() if name}


def split_parts(properties: Mapping[str, JsonValue]) -> tuple[NetworkParts, Mapping[str, JsonValue]]:
    """The parts that a managed subnet names, and the cloud properties that its VMs have, too."""
    parts = NetworkParts(
        route_table=str(properties.get(_ROUTE_TABLE) or ""), nat_gateway=str(properties.get(_NAT_GATEWAY) or "")
    )
    return parts, {key: value for key, value in properties.items() if key not in (_ROUTE_TABLE, _NAT_GATEWAY)}


def is_managed(resource: FoundLandingResource) -> bool:
    """Whether a deployment created it; the environment's own have no dot in their names."""
    return _is_managed_name(resource.name)


def network_of(resource: FoundLandingResource) -> str:
    """The network of the cloud config that it was created for."""
    return _network_in(resource.name)


def held_addresses(found: Iterable[FoundLandingResource]) -> Mapping[str, frozenset[str]]:
    """The addresses that load balancers have in networks that deployments created, by network."""
    held: dict[str, frozenset[str]] = {}
    for resource in found:
        place = resource.place
        if _is_managed_name(place.network):
            network = _network_in(place.network)
            held[network] = held.get(network, frozenset()) | {place.address}
    return held


def ranges_of(found: Iterable[FoundLandingResource]) -> Mapping[str, str]:
    """The range of each, by its name in the landing zone."""
    return {
        key.partition("_cidr")[0]: value
        for resource in found
        if is_managed(resource)
        for key, value in resource.outputs.items()
        if "_cidr" in key and key.startswith(f"{_FIRST}.")
    }


def _is_managed_name(name: str) -> bool:
    return name.startswith(f"{_FIRST}.")


def _network_in(name: str) -> str:
    return name.split(".")[1]
