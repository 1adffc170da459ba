"""LANDING: networks and public addresses of the local cloud, and the way from the host to the latter.

Takes a spec or resources, gives what exists. With the last resource, and no VM or disk left, the cloud itself ends.
"""

from collections.abc import Iterator, Mapping

from cpi.clouds.local.inside.networks import networks
from cpi.clouds.local.inside.records import records
from cpi.clouds.local.landing import forwards, local_balancers, local_gateways, local_routes
from cpi.clouds.local.landing.blob_accounts import LocalAccounts, LocalContainers
from cpi.clouds.local.landing.local_balancers import LocalBalancers
from cpi.clouds.local.landing.local_gateways import LocalGateways
from cpi.clouds.local.landing.local_routes import LocalRouteTables
from cpi.clouds.local.machines import finder
from cpi.clouds.local.preflight import network_checks
from cpi.clouds.local.wire.api import Api
from cpi.contract.landing_parts import JoinedParts, NetworkParts
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import (
    Endpoint,
    JsonValue,
    LandingCid,
    LandingResource,
    LandingSpec,
    ManagedNetwork,
    OwnerKey,
)
from cpi.kit import blob_accounts, part_entries
from cpi.kit.judge import PartAbilities
from cpi.kit.judge.landing_parts import GROUPS, IMAGES, SETS
from cpi.kit.landing import Part, PartFound, PartsLanding

_NETWORK = "network"
_ADDRESS = "public_address"
_TCP_ALONE = "Its load balancers pass connections of TCP on."


class LocalNetworks(Part):
    """The cloud's service finds, makes and completes one under its lock; so none is looked for by name before."""

    cloud = "The local cloud"
    kind = _NETWORK

    def __init__(self, api: Api, tags: Mapping[str, str]) -> None:
        self._api = api
        self._tags = dict(tags)

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        if not name:
            yield from map(_found_network, records.list_networks(self._api.state))

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        order: networks.NetworkOrder = {
            "name": resource.name,
            "cidr": str(resource.properties["cidr"]),
            "route_table": str(resource.properties.get("route_table") or ""),
            "nat_gateway": str(resource.properties.get("nat_gateway") or ""),
            "owner": finder.write_owner(owner),
            "tags": self._tags,
        }
        return _found_network(self._api.call("create_network", order))

    def entries(self, found: PartFound) -> tuple[str, ...]:
        table, gateway = (str(found.answer.get(key, "")) for key in ("route_table", "nat_gateway"))
        return part_entries.network_lines(NetworkParts(route_table=table, nat_gateway=gateway))

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {f"{found.name}_cidr": found.answer["cidr"], f"{found.name}_gateway": found.answer["gateway"]}

    def delete(self, id_: str) -> None:
        network = records.load_network(self._api.state, id_)
        self._api.call_if_exists("delete_network", {"name": id_})
        if network is not None:
            forwards.forget(self._api, network["cidr"])


class LocalAddresses(Part):
    """As networks."""

    cloud = "The local cloud"
    kind = _ADDRESS

    def __init__(self, api: Api, tags: Mapping[str, str]) -> None:
        self._api = api
        self._tags = dict(tags)

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        if not name:
            yield from map(_found_address, records.list_addresses(self._api.state))

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        owned = finder.write_owner(owner)
        order: networks.AddressOrder = {"name": resource.name, "owner": owned, "tags": self._tags}
        return _found_address(self._api.call("create_address", order))

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        ip = found.answer["ip"]
        return {f"{found.name}_public_ip": ip, f"{found.name}_public_host": forwards.host_of(self._api.state, ip)}

    def delete(self, id_: str) -> None:
        path = records.address_path(self._api.state, id_)
        address = records.load_whole(path, records.AddressRecord)
        self._api.call_if_exists("delete_address", {"name": id_})
        if address is not None:
            forwards.forget(self._api, address["ip"])


class LocalLanding(PartsLanding):
    abilities = PartAbilities(
        cloud="The local cloud",
        missing={
            IMAGES: "Its machines run this machine's operating system. Leave imageReference out.",
        },
        unused={
            GROUPS: "Its machines are reached from this machine alone, and from each other.",
            SETS: "All its machines are on this machine.",
        },
        refused_hops={"gateway": "Nothing leads from its machines to other networks."},
        forwarding={"ip_forwarding": True},
        refused_balancing={"udp": _TCP_ALONE, "*": _TCP_ALONE},
    )
    has_ipv6 = True

    def __init__(self, api: Api, tags: Mapping[str, str]) -> None:
        named = (LocalRouteTables(api, tags), LocalAddresses(api, tags), LocalGateways(api, tags))
        super().__init__(
            (
                *named,
                LocalNetworks(api, tags),
                LocalBalancers(api, tags),
                LocalAccounts(api, tags),
                LocalContainers(api),
            )
        )
        self._api = api

    def resources_of(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        network_checks.check_ranges(spec.networks)
        made = [
            _network_resource(name, cidr, spec.network_parts.get(name, NetworkParts()))
            for name, cidr in sorted(spec.networks.items())
        ]
        made += [LandingResource(kind=_ADDRESS, name=name) for name in spec.public_names]
        made += map(local_routes.table_resource, spec.route_tables)
        made += map(local_gateways.gateway_resource, spec.nat_gateways)
        balancers = map(local_balancers.balancer_resource, spec.load_balancers)
        return (*made, *self.front_networks(spec), *balancers, *blob_accounts.resources(spec))

    def part_findings(self, spec: LandingSpec) -> tuple[PartFinding, ...]:
        return (
            *super().part_findings(spec),
            *local_routes.findings(spec, self.abilities),
            *local_gateways.findings(spec, self.abilities),
        )

    def network_parts(self, network: ManagedNetwork) -> tuple[LandingResource, ...]:
        return (_network_resource(network.name, network.cidr, network.parts),)

    def part_properties(self, spec: LandingSpec, joined: JoinedParts) -> Mapping[str, JsonValue]:
        named = {"load_balancers": joined.load_balancers, "load_balancer_nat_rules": joined.nat_rules}
        return {key: list[JsonValue](names) for key, names in named.items() if names}

    def delete_landing_resource(self, cid: LandingCid) -> None:
        super().delete_landing_resource(cid)
        self._api.end_if_empty(after_landing=True)

    def endpoint_of(self, address: str, port: int) -> Endpoint:
        return forwards.open_way(self._api, address, port)


def _network_resource(name: str, cidr: str, parts: NetworkParts) -> LandingResource:
    """It names its ways out, which may be made before or after it."""
    properties: dict[str, JsonValue] = {
        "cidr": cidr,
        "route_table": parts.route_table,
        "nat_gateway": parts.nat_gateway,
    }
    lines = part_entries.network_lines(parts)
    return LandingResource(kind=_NETWORK, name=name, properties=properties, entries=lines)


def _found_network(network: records.NetworkRecord) -> PartFound:
    return PartFound(
        id=network["name"], name=network["name"], owner=finder.read_owner(network["owner"]), answer=network
    )


def _found_address(address: records.AddressRecord) -> PartFound:
    return PartFound(
        id=address["name"], name=address["name"], owner=finder.read_owner(address["owner"]), answer=address
    )
