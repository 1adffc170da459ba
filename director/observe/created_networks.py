"""The networks that deployments created, by the clouds' own word.

Takes a world and an environment, gives landing resources by cloud; a throttled look is made again.
"""

from collections.abc import Mapping
from functools import partial

from cpi.contract.cloud import Landing
from cpi.contract.value_classes import dataclass
from cpi.contract.values import FoundLandingResource
from director.model.environments import managed_networks
from director.model.environments.desired import Desired
from director.model.ids import EnvironmentName
from director.observe import queries
from director.ports.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedNetworks:
    """`managed` are networks by cloud, each after what it needs; `held` are addresses that load balancers have in
    them, by network.
    """

    managed: Mapping[str, tuple[FoundLandingResource, ...]]
    held: Mapping[str, frozenset[str]]


def find_networks(world: World, environment: EnvironmentName) -> Mapping[str, tuple[FoundLandingResource, ...]]:
    """All of the environment, each after what it needs; a cloud without any is not among the keys."""
    found = _look(world, environment)
    managed = {name: tuple(filter(managed_networks.is_managed, landed)) for name, landed in found.items()}
    return {name: landed for name, landed in managed.items() if landed}


def find_for(world: World, environment: EnvironmentName, desired: Desired | None) -> CreatedNetworks:
    """The same for a plan; none is looked for where the cloud config has no managed network."""
    is_asked = desired is None or any(subnet.managed for network in desired.networks for subnet in network.subnets)
    found = _look(world, environment) if is_asked else {}
    managed = {name: tuple(filter(managed_networks.is_managed, landed)) for name, landed in found.items()}
    return CreatedNetworks(
        managed={name: landed for name, landed in managed.items() if landed},
        held=managed_networks.held_addresses(one for landed in found.values() for one in landed),
    )


def _look(world: World, environment: EnvironmentName) -> Mapping[str, tuple[FoundLandingResource, ...]]:
    looks = {
        f"networks/{name}": partial(_of_cloud, cloud.landing, environment)
        for name, cloud in world.clouds.items()
        if cloud.landing is not None
    }
    found = queries.ask_all(world.runner, looks)
    return {name.partition("/")[2]: landed for name, landed in found.items()}


def _of_cloud(landing: Landing, environment: EnvironmentName) -> tuple[FoundLandingResource, ...]:
    return landing.find_landing_resources(environment)
