"""What each instance's agent says, or how it is silent.

Takes a world, a state and the VMs that exist, gives an entry for each instance whose VM is there.
"""

from collections.abc import Mapping
from functools import partial

from cpi.values import FoundVm
from director.errors import AgentError
from director.model.agent_state import AgentState, SshTarget
from director.model.agent_words import read_agent_state
from director.model.environment import Environment
from director.model.ids import InstanceId
from director.model.observed import Silence
from director.model.state import DeploymentState
from director.observe import asking
from director.ports.agent import Agent
from director.ports.world import World


def ask_agents(
    world: World, environment: Environment, *, state: DeploymentState, vms: tuple[FoundVm, ...]
) -> Mapping[InstanceId, AgentState | Silence]:
    """All at once, vitals left out; a silent one is recorded with the leg that broke."""
    there = {vm.created.cid for vm in vms}
    questions = {
        str(record.id): partial(_ask, world.agent, environment.target_of(record.vm, record.name))
        for record in state.instances
        if record.vm and record.vm.cid in there
    }
    answers = asking.ask_all(world.runner, questions)
    return {InstanceId(name): answer for name, answer in answers.items()}


def _ask(agent: Agent, target: SshTarget | None) -> AgentState | Silence:
    if target is None:
        return Silence(code="vm-without-address", why="The VM has no address.")
    try:
        return read_agent_state(agent.call(target, "get_state", {"full": False}, watch=_leave_aside))
    except AgentError as error:
        return Silence(code=error.code, why=f"{error.what} {error.why}".strip())
    except ValueError as error:
        return Silence(code="agent-answer-broken", why=str(error))


def _leave_aside(_line: str) -> None:
    return None
