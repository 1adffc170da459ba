"""Start an instance's jobs."""

from director.actions.start import Start
from director.execute.steps.context import StepContext
from director.model.work import Result


def do(context: StepContext, work: Start) -> Result:
    """Start them; does not wait until they run."""
    context.ask_agent(work.instance, "start", {})
    return Result()
