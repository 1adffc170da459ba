"""Agents that do not answer and that a plan needs.

Takes records with what their agents said, raises what is in the way.
Source: cloudfoundry/bosh deployment_plan/assembler.rb (an unresponsive agent aborts, unless --fix).
"""

from collections.abc import Iterable

from director.errors import AgentError
from director.model.agents.agent_state import AgentState
from director.model.environments.observed import JUMPBOX_SILENT, NoAnswer
from director.model.environments.state import InstanceRecord
from director.plan.deciding.verified_records import VM_STOPPED

Answers = AgentState | NoAnswer | None


def require_reachable(asked: Iterable[tuple[InstanceRecord, Answers]]) -> None:
    """Require the jumpbox to answer: the VMs behind it cannot be observed, still less recreated.

    Raises AgentError: jumpbox-silent, one for all of them.
    """
    hidden = [
        (record.name, agent)
        for record, agent in asked
        if isinstance(agent, NoAnswer) and agent.code == JUMPBOX_SILENT and record.vm is not None
    ]
    if hidden:
        names = ", ".join(name for name, _ in hidden)
        reasons = "; ".join(dict.fromkeys(agent.why for _, agent in hidden))
        raise AgentError(
            JUMPBOX_SILENT,
            "The jumpbox does not answer.",
            why=f"{reasons.rstrip('.')}. {names} are reached through it; their state is unknown.",
            fix="Run `compleat up`, or `compleat deploy --fix`: both recreate the jumpbox first, and the VMs behind it "
            "stay as they are. If a firewall or this network blocks the connection, open TCP port 22 instead.",
        )


def require_answers(asked: Iterable[tuple[InstanceRecord, Answers]]) -> None:
    """Require running instances to answer; a VM that was never finished may still boot.

    A VM that the cloud says is off counts as lost, and is made again without being asked.
    Raises AgentError: agent-silent, one for all of them.
    """
    silent = [
        (record.name, agent) for record, agent in asked if isinstance(agent, NoAnswer) and _is_needed(record, agent)
    ]
    if silent:
        names = ", ".join(name for name, _ in silent)
        raise AgentError(
            "agent-silent",
            f"No answer from the agent of {names}.",
            why="; ".join(f"{name}: {no_answer.code}: {no_answer.why}" for name, no_answer in silent),
            fix="Fix the reported cause and run the same command again, or recreate the VMs with "
            "`compleat deploy --fix`, which keeps disks.",
        )


def _is_needed(record: InstanceRecord, no_answer: NoAnswer) -> bool:
    return no_answer.code != VM_STOPPED and record.applied is not None and record.vm is not None
