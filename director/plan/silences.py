"""Agents that do not answer: whom a plan cannot do without.

Takes targets and leaving instances, raises what is in the way.
Source: cloudfoundry/bosh deployment_plan/assembler.rb (an unresponsive agent aborts, unless --fix).
"""

from collections.abc import Iterable

from director.errors import AgentError, raise_all
from director.model.agent_state import AgentState
from director.model.observed import Silence
from director.model.state import InstanceRecord
from director.plan.reality import VM_STOPPED

Answers = AgentState | Silence | None


def demand_answers(asked: Iterable[tuple[InstanceRecord, Answers]]) -> None:
    """Refuse to go on with running instances that are silent; a VM never finished may still boot.

    A VM that the cloud says is off counts as lost, and is made again without being asked.
    Raises AgentError: agent-silent, all of them at once.
    """
    raise_all(
        _silent(record, agent)
        for record, agent in asked
        if isinstance(agent, Silence) and agent.code != VM_STOPPED and record.applied and record.vm
    )


def _silent(record: InstanceRecord, silence: Silence) -> AgentError:
    return AgentError(
        "agent-silent",
        f"The agent of {record.name} does not answer.",
        why=f"{silence.code}: {silence.why}",
        fix="Find out why; or use --fix to make its VM anew. Its persistent disk is kept.",
    )
