"""Look at a deployment: its saved state, its machines, its agents, its caches. Looks, never decides.

Takes a world and what is known, gives Observed.
"""

from director.model.desired import Desired
from director.model.environment import Environment
from director.model.observed import Observed
from director.model.state import DeploymentState
from director.observe import agents, machines, neighbours
from director.ports.world import World


def observe_world(
    world: World, environment: Environment, *, desired: Desired | None, state: DeploymentState
) -> Observed:
    """Ask each cloud once for VMs and once for disks, all agents beside each other, and our own stores.

    Without `desired` compiled packages and secrets are not looked up. A silent agent is an answer, not an error.
    Raises CloudError when a cloud does not say what there is; Interrupted.
    """
    vms, disks = machines.find_machines(world, environment, state)
    packages = desired.packages if desired else ()
    variables = desired.variables if desired else ()
    return Observed(
        state=state,
        seen_at=world.clock.now(),
        vms=vms,
        disks=disks,
        agents=agents.ask_agents(world, environment, state=state, vms=vms),
        compiled=world.blobs.find_compiled([package.key for package in packages]),
        secret_versions=world.vault.secret_versions([variable.name for variable in variables]),
        taken=neighbours.taken_addresses(world, state),
    )
