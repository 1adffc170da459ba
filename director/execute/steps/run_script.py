"""Run a lifecycle script of every job that has it. Facts: none."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import RunScript


def do(context: Context, work: RunScript) -> Outcome:
    """Run it to its end. Raises ActionFailedError with the jobs that failed and their last lines."""
    context.ask_agent(work.instance, "run_script", {"name": work.script, "env": dict(work.env)})
    return Outcome()
