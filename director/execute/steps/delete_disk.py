"""Delete a disk nobody has. Facts: cid."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import DeleteDisk


def do(context: Context, work: DeleteDisk) -> Outcome:
    """Delete it; gone before is fine."""
    context.cloud(work.cloud).cloud.delete_disk(work.cid)
    return Outcome(facts={"cid": work.cid})


def find(context: Context, work: DeleteDisk) -> Outcome | None:
    """Ask whether it is gone."""
    is_there = context.cloud(work.cloud).cloud.has_disk(work.cid)
    return None if is_there else Outcome(facts={"cid": work.cid})
