"""Generate or change a variable."""

from director.actions.make_secret import MakeSecret
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: MakeSecret) -> Result:
    """Make that version unless the vault has it."""
    context.world.vault.make_secret(work.variable, version=work.version, change=work.change)
    return Result()
