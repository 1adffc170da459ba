"""Stop an instance's jobs. Facts: none."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import Stop


def do(context: Context, work: Stop) -> Outcome:
    """Stop them and wait until they are down."""
    context.ask_agent(work.instance, "stop", {"timeout_s": context.timeouts.stop_s})
    return Outcome()
