"""Make the other one of an instance's two disks the one on the store."""

from director.actions.activate_disk import ActivateDisk
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: ActivateDisk) -> Result:
    """Nothing to call: the journal entry is the record."""
    return Result()
