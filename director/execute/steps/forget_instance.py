"""Drop an instance without VM and disk. Facts: none; the journal entry is the note."""

from director.errors import Bug
from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import ForgetInstance


def do(context: Context, work: ForgetInstance) -> Outcome:
    """Call nobody. Raises Bug, code `instance-not-empty`, for what would be lost."""
    record = context.state.instance(work.instance)
    if record and (record.vm or record.disk or record.old_disk):
        raise Bug("instance-not-empty", f"{record.name} was to be forgotten and still has a VM or a disk.")
    return Outcome()
