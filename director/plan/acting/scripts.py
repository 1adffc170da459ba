"""Stopping an instance: pre-stop, drain, stop, post-stop; and which scripts there are to run.

Takes records and targets, adds actions to a line.
Source: cloudfoundry/bosh stopper.rb; cloudfoundry/bosh-agent agent/action/run_script.go.
"""

from collections.abc import Iterable, Mapping

from director.actions.drain import Drain
from director.actions.run_script import RunScript
from director.actions.stop import Stop
from director.model.agents.agent_state import AgentState, JobState
from director.model.environments.desired import Job
from director.model.environments.observed import NoAnswer
from director.model.environments.state import Applied, DesiredPower, InstanceRecord
from director.plan.action_factory import Line
from director.plan.deciding import disk_differences
from director.plan.deciding.targets import Target

_KEEP = "keep"
_INTENTS = ("BOSH_VM_NEXT_STATE", "BOSH_INSTANCE_NEXT_STATE", "BOSH_DEPLOYMENT_NEXT_STATE")


def stop(
    line: Line, record: InstanceRecord, *, intents: Mapping[str, str], drain: str, coming: Applied | None = None
) -> None:
    """Add the stop sequence. `drain` is its type, "" to leave out pre-stop and drain; `coming` is what follows."""
    instance = record.id
    if drain:
        env = {name: intents.get(name, _KEEP) for name in _INTENTS}
        line.add(RunScript(instance=instance, script="pre-stop", env=env), detail="pre-stop")
        line.add(
            Drain(
                instance=instance,
                type=drain,
                next_packages=coming.packages if coming else {},
                next_hash=coming.configuration_hash if coming else "",
            )
        )
    line.add(Stop(instance=instance))
    line.add(RunScript(instance=instance, script="post-stop"), detail="post-stop")


def has_script(jobs: Iterable[Job], script: str) -> bool:
    """Whether any job brings bin/<script>: all files of a job are in its spec."""
    return any(template.destination == f"bin/{script}" for job in jobs for template in job.source.templates)


def has_run(target: Target) -> bool:
    """Whether jobs may be on the VM that have to be stopped before anything changes."""
    agent = target.agent
    if isinstance(agent, NoAnswer):
        return False
    if isinstance(agent, AgentState) and not target.record.applied:
        return bool(agent.spec)
    return target.record.applied is not None


def is_stopped(target: Target) -> bool:
    """Whether its jobs are known to be stopped, so that nothing is left to stop."""
    agent = target.agent
    if isinstance(agent, AgentState):
        return agent.job_state is JobState.STOPPED or (not target.record.applied and not agent.spec)
    return target.record.wanted is DesiredPower.STOPPED


def drain_type(target: Target) -> str:
    """ "shutdown" if the jobs stay down or their disk changes, else "update"."""
    has_store = target.record.disk is not None or target.group.disk is not None
    is_other = has_store and not disk_differences.is_store_as_wanted(target)
    is_changed = is_other or disk_differences.are_changed(target)
    return "shutdown" if is_changed or target.wanted is not DesiredPower.STARTED else "update"
