"""What each instance's agent says, or how it is silent.

Takes a world, a state and the VMs that exist, gives an entry for each instance whose VM is there.
"""

from collections.abc import Iterable, Mapping
from functools import partial

from cpi.contract.values import FoundVm
from director.errors import AgentError
from director.model.agents.agent_address import AgentTarget
from director.model.agents.agent_state import AgentState
from director.model.environments.environment import Environment
from director.model.environments.observed import NoAnswer
from director.model.environments.state import DeploymentState, InstanceRecord, VmRecord
from director.model.ids import InstanceId
from director.observe import jumpbox_status, queries
from director.ports.agent import Agent
from director.ports.world import World

Answers = Mapping[InstanceId, AgentState | NoAnswer]


def ask_agents(world: World, environment: Environment, *, state: DeploymentState, vms: tuple[FoundVm, ...]) -> Answers:
    """All at once, vitals left out; a silent one is recorded with the leg that broke, the jumpbox being one."""
    there = {vm.created.cid for vm in vms}
    asked = [record for record in state.instances if record.vm and record.vm.cid in there]
    answers = _ask_all(world, environment, asked)
    silent = [record for record in asked if isinstance(answers[record.id], NoAnswer)]
    ways_in = jumpbox_status.query_jumpboxes(world, environment, {record.vm.cloud for record in silent if record.vm})
    again = [record for record in silent if record.vm and _way(ways_in, record.vm).is_reopened]
    hidden = {record.id: _hidden(environment, ways_in, record) for record in silent}
    known = {instance: no_answer for instance, no_answer in hidden.items() if no_answer is not None}
    return {**answers, **_ask_all(world, environment, again), **known}


def _ask_all(world: World, environment: Environment, records: Iterable[InstanceRecord]) -> Answers:
    questions = {
        str(record.id): partial(_ask, world.agent, environment.target_of(record.vm, record.name))
        for record in records
        if record.vm
    }
    answers = queries.ask_all(world.runner, questions)
    return {InstanceId(name): answer for name, answer in answers.items()}


def _way(ways_in: Mapping[str, jumpbox_status.JumpboxStatus], vm: VmRecord) -> jumpbox_status.JumpboxStatus:
    return ways_in.get(vm.cloud, jumpbox_status.JumpboxStatus())


def _hidden(
    environment: Environment, ways_in: Mapping[str, jumpbox_status.JumpboxStatus], record: InstanceRecord
) -> NoAnswer | None:
    """The jumpbox's silence, for an instance behind it."""
    target = environment.target_of(record.vm, record.name) if record.vm else None
    if record.vm is None or target is None or target.jump is None:
        return None
    return _way(ways_in, record.vm).no_answer


def _ask(agent: Agent, target: AgentTarget | None) -> AgentState | NoAnswer:
    if target is None:
        return NoAnswer(code="vm-without-address", why="The VM has no address.")
    try:
        return agent.get_state(target)
    except AgentError as error:
        return NoAnswer(code=error.code, why=f"{error.what} {error.why}".strip())
