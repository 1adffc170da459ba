"""Make another VM the instance's own."""

from director.actions.elect_vm import ElectVm
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: ElectVm) -> Result:
    """Make no call."""
    return Result()
