"""Run a lifecycle script of every job that has it."""

from director.actions.run_script import RunScript
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: RunScript) -> Result:
    """Run it to its end. Raises ActionFailedError with the jobs that failed and their last lines."""
    with context.agent_of(work.instance) as target:
        context.world.agent.run_script(target, work.script, work.env, watch=context.report)
    return Result()
