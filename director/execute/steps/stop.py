"""Stop an instance's jobs."""

from director.actions.stop import Stop
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: Stop) -> Result:
    """Stop them and wait until they are down."""
    with context.agent_of(work.instance) as target:
        context.world.agent.stop(target, timeout_s=context.timeouts.stop_s)
    return Result()
