"""The networks that deployments created, by the clouds' own word.

Takes a world and an environment, gives landing resources by cloud; a throttled look is made again.
"""

from collections.abc import Mapping
from functools import partial

from cpi.contract.cloud import Landing
from cpi.contract.values import FoundLandingResource
from director.model.environments import managed_networks
from director.model.environments.desired import Desired
from director.model.ids import EnvironmentName
from director.observe import queries
from director.ports.world import World


def find_networks(world: World, environment: EnvironmentName) -> Mapping[str, tuple[FoundLandingResource, ...]]:
    """All of the environment, each after what it needs; a cloud without any is not among the keys."""
    looks = {
        f"networks/{name}": partial(_look, cloud.landing, environment)
        for name, cloud in world.clouds.items()
        if cloud.landing is not None
    }
    found = queries.ask_all(world.runner, looks)
    return {name.partition("/")[2]: landed for name, landed in found.items() if landed}


def find_for(
    world: World, environment: EnvironmentName, desired: Desired | None
) -> Mapping[str, tuple[FoundLandingResource, ...]]:
    """The same for a plan; none is looked for where the cloud config has no managed network."""
    is_asked = desired is None or any(subnet.managed for network in desired.networks for subnet in network.subnets)
    return find_networks(world, environment) if is_asked else {}


def _look(landing: Landing, environment: EnvironmentName) -> tuple[FoundLandingResource, ...]:
    return tuple(one for one in landing.find_landing_resources(environment) if managed_networks.is_managed(one))
