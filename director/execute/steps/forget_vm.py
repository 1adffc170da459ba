"""Remove the record of an instance's VM."""

from director.actions.forget_vm import ForgetVm
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: ForgetVm) -> Result:
    """Nothing to call: the journal entry is the record."""
    return Result()
