"""Note that an instance is as desired. Facts: none; the journal entry is the note."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import FinishInstance


def do(context: Context, work: FinishInstance) -> Outcome:
    """Call nobody."""
    return Outcome()
