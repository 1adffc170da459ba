"""Run a lifecycle script of every job that has it."""

from director.actions.run_script import RunScript
from director.execute.steps.context import StepContext
from director.model.work import Result


def do(context: StepContext, work: RunScript) -> Result:
    """Run it to its end. Raises ActionFailedError with the jobs that failed and their last lines."""
    context.ask_agent(work.instance, "run_script", {"name": work.script, "env": dict(work.env)})
    return Result()
