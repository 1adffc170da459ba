"""Wait on BOSH's watch schedule until an instance's jobs run.

Source: cloudfoundry/bosh deployment_plan/../instance_updater/state_applier.rb: the first look after the least time,
none later than the most. Between them we look more often than BOSH does: a look costs milliseconds here, and a job that
runs after one second should not be waited for until the seventh.
"""

from director.actions.await_running import AwaitRunning
from director.errors import AgentError
from director.execute.steps.context import StepContext
from director.model.agents.agent_state import AgentState, JobState, Process
from director.model.environments.desired import WatchTime
from director.model.tasks.entries import Failure
from director.model.tasks.work import Result
from director.ports.runner import Answer, NotYet

_FIRST_PAUSE_S = 0.1
_MOST_PAUSE_S = 2.0
_EVEN_S = 1.0
"""Most jobs run after half a second: so long the pauses do not grow."""


def do(context: StepContext, work: AwaitRunning) -> Answer:
    """Look once, when it is time."""
    pauses = watch_pauses_s(work.watch)
    asked = context.call.asked
    if asked == 0:
        return NotYet(after_s=pauses[0], text="starting jobs")
    with context.agent_of(work.instance) as target:
        state = context.world.agent.get_state(target)
    if state.job_state is JobState.RUNNING:
        return Result()
    is_hopeless = any(process.is_hopeless for process in state.processes)
    if asked < len(pauses) and not is_hopeless:
        return NotYet(after_s=pauses[asked], text=f"jobs are {state.job_state.value}")
    name = context.instance(work.instance).name
    return _failure(name, state, deployment=str(context.state.deployment), output=_last_words(context, work))


def watch_pauses_s(watch: WatchTime) -> tuple[float, ...]:
    """How long to wait before each look, in seconds: together as long as the most."""
    pauses = [watch.min_ms / 1000]
    left_s = whole_s = (watch.max_ms - watch.min_ms) / 1000
    pause_s = _FIRST_PAUSE_S
    while left_s > 0:
        pauses.append(min(pause_s, left_s))
        left_s = round(left_s - pauses[-1], 3)
        if whole_s - left_s >= _EVEN_S:
            pause_s = min(pause_s * 1.3, _MOST_PAUSE_S)
    return tuple(pauses)


def _last_words(context: StepContext, work: AwaitRunning) -> str:
    """What the processes wrote that do not run; "" where their VM cannot say."""
    try:
        with context.agent_of(work.instance) as target:
            return context.world.agent.last_words(target)
    except AgentError:
        return ""


def _failure(name: str, state: AgentState, *, deployment: str, output: str) -> Failure:
    failing = [_in_words(process) for process in state.processes if process.state != "running"]
    return Failure(
        code="jobs-not-running",
        what=f"'{name}' is not running after update.",
        why=f"Its jobs are {state.job_state.value}: {', '.join(failing) or 'no process reports a reason'}.",
        fix=f"Review the logs of the failed jobs: compleat logs -d {deployment} {name}.",
        output=output,
    )


def _in_words(process: Process) -> str:
    return f"{process.name} ({process.state}{f': {process.problem}' if process.problem else ''})"
