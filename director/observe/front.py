"""Look at a deployment: its saved state, its machines, its agents, its caches. Looks, never decides.

Takes a world and what is known, gives Observed.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from director.model.environments.desired import Desired
from director.model.environments.environment import Environment
from director.model.environments.observed import Observed
from director.model.environments.state import DeploymentState
from director.model.ids import InstanceId
from director.observe import (
    adoption,
    agents,
    created_networks,
    health,
    jumpbox_status,
    machines,
    newer_resources,
    other_deployments,
)
from director.observe.jumpbox_status import JumpboxStatus
from director.ports.world import World


def observe_world(
    world: World,
    environment: Environment,
    *,
    desired: Desired | None,
    state: DeploymentState,
) -> Observed:
    """Query each cloud once for VMs and once for disks, all agents in parallel, and the stores.

    Without `desired` compiled packages and secrets are not looked up. A silent agent is an answer, not an error.
    Raises CloudError when a cloud does not say what there is; StateError, code `state-older`; Interrupted.
    """
    return _with_answers(world, environment, observe_clouds(world, environment, desired=desired, state=state))


def observe_to_adopt(
    world: World, environment: Environment, *, desired: Desired | None, state: DeploymentState
) -> Observed:
    """The same look; resources that are newer than the state are among `adopted`, in place of what it has."""
    return _with_answers(world, environment, _look_at_clouds(world, environment, desired=desired, state=state))


def observe_jumpboxes(world: World, environment: Environment) -> Mapping[str, JumpboxStatus]:
    """How each cloud's jumpbox answers, by the cloud's name; one that this machine can open again is opened."""
    return jumpbox_status.query_jumpboxes(world, environment, [jumpbox.cloud for jumpbox in environment.jumpboxes])


def observe_agents(
    world: World, environment: Environment, *, observed: Observed, instances: Collection[InstanceId]
) -> Observed:
    """The same look, with these instances' agents asked, and of the others those of instances that are not well.

    The rest are taken to be as they were left.
    """
    records = _with_adopted(observed).instances
    unknown = {record.id for record in observed.adopted}
    others = [record for record in records if record.id not in instances and record.id not in unknown]
    asked = {*instances, *unknown, *health.unwell(world, environment, observed, instances=others)}
    chosen = tuple(record for record in records if record.id in asked)
    few = replace(observed.state, instances=chosen)
    return replace(observed, agents=agents.ask_agents(world, environment, state=few, vms=observed.vms))


def observe_clouds(
    world: World, environment: Environment, *, desired: Desired | None, state: DeploymentState
) -> Observed:
    """The same without asking agents: a call or two a cloud, whatever the number of instances."""
    observed = _look_at_clouds(world, environment, desired=desired, state=state)
    newer_resources.require_none(world, observed)
    return observed


def _look_at_clouds(
    world: World, environment: Environment, *, desired: Desired | None, state: DeploymentState
) -> Observed:
    vms, disks = machines.find_machines(world, environment, state)
    packages = desired.packages if desired else ()
    networks = created_networks.find_for(world, environment.name, desired)
    taken = other_deployments.taken_addresses(world, state)
    return Observed(
        state=state,
        seen_at=world.clock.now(),
        vms=vms,
        disks=disks,
        compiled=world.blobs.find_compiled([package.key for package in packages]),
        secret_versions=world.vault.secret_versions(desired.secret_names() if desired else ()),
        taken=other_deployments.merge_addresses([taken, networks.held]),
        dns=world.store.load_dns(environment.name, state.deployment),
        has_other_vms=other_deployments.have_vms(world, state),
        managed=networks.managed,
        adopted=(
            *adoption.adopted_records(state, vms, disks),
            *newer_resources.newer_records(world, state, vms=vms, disks=disks),
        ),
    )


def _with_answers(world: World, environment: Environment, observed: Observed) -> Observed:
    answers = agents.ask_agents(world, environment, state=_with_adopted(observed), vms=observed.vms)
    return replace(observed, agents=answers)


def _with_adopted(observed: Observed) -> DeploymentState:
    return replace(observed.state, instances=observed.joined)
