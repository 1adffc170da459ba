"""LANDING: the parts of OpenStack's landing zone, in the order in which they can be made.

Takes specs and resources, gives what exists; how, is in cpi.kit.landing.
"""

from collections.abc import Mapping

from cpi.clouds.openstack.images import sourced_images
from cpi.clouds.openstack.landing import balancer_layout, layout, part_limits
from cpi.clouds.openstack.landing.blob_accounts import AccountContainers, ContainerFolders
from cpi.clouds.openstack.landing.containers import Container
from cpi.clouds.openstack.landing.load_balancers import OctaviaBalancers
from cpi.clouds.openstack.landing.neutron_parts import (
    FloatingAddresses,
    NeutronPart,
    ProjectGroups,
    ProjectNetworks,
    RoutedSubnets,
    Routers,
)
from cpi.clouds.openstack.landing.nova_key_pairs import NovaKeyPairs
from cpi.clouds.openstack.machines import lookups
from cpi.clouds.openstack.machines.balancer_calls import SERVICE
from cpi.clouds.openstack.machines.lookups import Lookups
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import CloudError
from cpi.contract.landing_parts import JoinedParts
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import JsonValue, LandingResource, LandingSpec, ManagedNetwork
from cpi.kit import blob_accounts, judge
from cpi.kit.judge import PartAbilities
from cpi.kit.judge.landing_parts import NATS, SETS, TABLES
from cpi.kit.landing import PartsLanding

_OF_NEUTRON = (Routers, ProjectNetworks, RoutedSubnets, ProjectGroups, FloatingAddresses)


class OpenStackLanding(PartsLanding):
    abilities = PartAbilities(
        cloud="OpenStack",
        unused={
            NATS: "The landing zone's router translates what leaves to one address of its own. The gateway's public "
            "addresses, one or several, are reserved and nothing leaves from them; its idle timeout is Neutron's.",
            TABLES: "What is left of its routes is what the landing zone's router does without them.",
            SETS: "Servers are placed as Nova's scheduler does; compleat makes no server group.",
        },
        reserved=frozenset({lookups.GROUP_ALL, lookups.GROUP_PUBLIC}),
        image_places=sourced_images.PLACES,
        refused_images=sourced_images.REFUSED,
        refused_hops={
            "appliance": "Neutron drops what a machine sends from an address that is not its own: none can route.",
            "gateway": "compleat creates no VPN gateway there.",
            "none": "Neutron has no routes that drop traffic.",
        },
        refused_balancing={"*": "Octavia's listeners are for single ports of TCP and UDP."},
        probe_failures=(1, 10),
    )
    placing = ("network", "net_id", "subnet_id")

    def __init__(self, api: Api, config: OpenStackConfig, *, places: Lookups, container: Container) -> None:
        neutrons: tuple[NeutronPart, ...] = tuple(part(api, config) for part in _OF_NEUTRON)
        accounts = AccountContainers(api)
        stored = (container, accounts, ContainerFolders(api, accounts))
        balancers = OctaviaBalancers(api, config)
        super().__init__((*neutrons, NovaKeyPairs(api), *stored, balancers), forget=places.forget)
        self._api = api
        self._config = config
        self._environment = places.environment
        self._of_neutron = {part.kind: part for part in neutrons}

    def resources_of(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        balancers = balancer_layout.resources(spec, self._config, self._environment)
        written = layout.write_resources(spec, self._config)
        return (*written, *blob_accounts.resources(spec), *self.front_networks(spec), *balancers)

    def part_findings(self, spec: LandingSpec) -> tuple[PartFinding, ...]:
        is_there = not spec.load_balancers or self._has_balancers()
        balancers = part_limits.balancer_findings(spec, self.abilities, is_there=is_there)
        routes = part_limits.route_findings(spec, self.abilities)
        return (*super().part_findings(spec), *balancers, *routes)

    def part_properties(self, spec: LandingSpec, joined: JoinedParts) -> Mapping[str, JsonValue]:
        """Beside the landing zone's own group, in which machines reach each other."""
        group = judge.required_group(spec, joined, self.abilities)
        part_limits.require_open(spec, joined, group, config=self._config, abilities=self.abilities)
        behind = [one for one in spec.load_balancers if any(balancer_layout.joined_rules(one, joined))]
        if not group and not behind:
            return {}
        usual = (lookups.GROUP_PUBLIC,) if joined.has_public_address else ()
        members = (balancer_layout.members_group(one.name) for one in behind)
        groups = (lookups.GROUP_ALL, *((group,) if group else usual), *members)
        own = list[JsonValue](names.landing_name(self._environment, name) for name in groups)
        if not behind:
            return {"security_groups": own}
        pools: list[JsonValue] = [
            {"name": name, "port": port}
            for one in behind
            for name, port in balancer_layout.joined_pools(one, joined, self._environment)
        ]
        return {"security_groups": own, "loadbalancer_pools": pools}

    def network_parts(self, network: ManagedNetwork) -> tuple[LandingResource, ...]:
        return layout.write_network(network.name, network.cidr)

    def require_name(self, resource: LandingResource) -> None:
        """Raises ConflictError, code name-taken, where somebody else's part has the name."""
        if resource.kind in self._of_neutron:
            self._of_neutron[resource.kind].first(resource.name, self._environment)

    def _has_balancers(self) -> bool:
        """Without a login nothing is known of it; preflight reports why."""
        try:
            return self._api.has_service(SERVICE)
        except CloudError:
            return True
