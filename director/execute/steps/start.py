"""Start an instance's jobs. Facts: none."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import Start


def do(context: Context, work: Start) -> Outcome:
    """Start them; does not wait until they run."""
    context.ask_agent(work.instance, "start", {})
    return Outcome()
