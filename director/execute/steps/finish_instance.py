"""Note that an instance is as desired."""

from director.actions.finish_instance import FinishInstance
from director.execute.steps.context import Context
from director.model.work import Result


def do(context: Context, work: FinishInstance) -> Result:
    """Call nobody."""
    return Result()
