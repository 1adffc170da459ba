"""Start an instance's jobs."""

from director.actions.start import Start
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: Start) -> Result:
    """Start them; does not wait until they run."""
    with context.agent_of(work.instance) as target:
        context.world.agent.start(target)
    return Result()
