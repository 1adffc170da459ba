"""Remove the record of an instance's disk."""

from director.actions.forget_disk import ForgetDisk
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: ForgetDisk) -> Result:
    """Nothing to call: the journal entry is the record."""
    return Result()
