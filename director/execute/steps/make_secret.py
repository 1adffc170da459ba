"""Generate a variable."""

from director.actions.make_secret import MakeSecret
from director.execute.steps.context import Context
from director.model.work import Result


def do(context: Context, work: MakeSecret) -> Result:
    """Generate it unless the vault has that version."""
    context.world.vault.make_secret(work.variable, version=work.version)
    return Result()
