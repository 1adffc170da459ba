"""LANDING: the parts of OpenStack's landing zone, in the order in which they can be made.

Takes specs and resources, gives what exists; how, is in cpi.kit.landing.
"""

from collections.abc import Mapping

from cpi.clouds.openstack.images import sourced_images
from cpi.clouds.openstack.landing import layout
from cpi.clouds.openstack.landing.blob_accounts import AccountContainers, ContainerFolders
from cpi.clouds.openstack.landing.containers import Container
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
from cpi.clouds.openstack.machines.lookups import Lookups
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.landing_parts import JoinedParts
from cpi.contract.values import JsonValue, LandingResource, LandingSpec, ManagedNetwork
from cpi.kit import blob_accounts, judge
from cpi.kit.judge import PartAbilities
from cpi.kit.judge.landing_parts import BALANCERS, NATS, SETS, TABLES
from cpi.kit.landing import PartsLanding

_OF_NEUTRON = (Routers, ProjectNetworks, RoutedSubnets, ProjectGroups, FloatingAddresses)


class OpenStackLanding(PartsLanding):
    abilities = PartAbilities(
        cloud="OpenStack",
        missing=dict.fromkeys((TABLES, BALANCERS), "compleat does not create one there yet."),
        unused={
            NATS: "The landing zone's router translates the addresses of what leaves, to an address of its own.",
            SETS: "Servers are placed as Nova's scheduler does; compleat makes no server group.",
        },
        reserved=frozenset({lookups.GROUP_ALL, lookups.GROUP_PUBLIC}),
        image_places=sourced_images.PLACES,
        refused_images=sourced_images.REFUSED,
    )
    placing = ("network", "net_id", "subnet_id")

    def __init__(self, api: Api, config: OpenStackConfig, *, places: Lookups, container: Container) -> None:
        neutrons: tuple[NeutronPart, ...] = tuple(part(api, config) for part in _OF_NEUTRON)
        accounts = AccountContainers(api)
        stored = (container, accounts, ContainerFolders(api, accounts))
        super().__init__((*neutrons, NovaKeyPairs(api), *stored), forget=places.forget)
        self._config = config
        self._environment = places.environment
        self._of_neutron = {part.kind: part for part in neutrons}

    def resources_of(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        return (*layout.write_resources(spec, self._config), *blob_accounts.resources(spec))

    def part_properties(self, spec: LandingSpec, joined: JoinedParts) -> Mapping[str, JsonValue]:
        """Beside the landing zone's own group, in which machines reach each other."""
        group = judge.required_group(spec, joined, self.abilities)
        own = [names.landing_name(self._environment, name) for name in (lookups.GROUP_ALL, group)]
        return {"security_groups": list[JsonValue](own)} if group else {}

    def network_parts(self, network: ManagedNetwork) -> tuple[LandingResource, ...]:
        return layout.write_network(network.name, network.cidr)

    def require_name(self, resource: LandingResource) -> None:
        """Raises ConflictError, code name-taken, where somebody else's part has the name."""
        if resource.kind in self._of_neutron:
            self._of_neutron[resource.kind].first(resource.name, self._environment)
