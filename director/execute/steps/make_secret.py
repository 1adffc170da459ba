"""Generate a variable."""

from director.actions.make_secret import MakeSecret
from director.execute.steps.context import StepContext
from director.model.tasks.work import Result


def do(context: StepContext, work: MakeSecret) -> Result:
    """Generate it unless the vault has that version."""
    context.world.vault.make_secret(work.variable, version=work.version)
    return Result()
