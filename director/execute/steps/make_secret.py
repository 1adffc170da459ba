"""Generate a variable. Facts: name."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import MakeSecret


def do(context: Context, work: MakeSecret) -> Outcome:
    """Generate it unless the vault has that version."""
    context.world.vault.make_secret(work.variable, version=work.version)
    return Outcome(facts={"name": work.variable.name})
