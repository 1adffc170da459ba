"""Delete a disk nobody has."""

from director.actions.delete_disk import DeleteDisk
from director.execute.steps.context import StepContext
from director.model.work import CidResult


def do(context: StepContext, work: DeleteDisk) -> CidResult:
    """Delete it; gone before is fine."""
    context.cloud(work.cloud).cloud.delete_disk(work.cid)
    return CidResult(cid=work.cid)


def find(context: StepContext, work: DeleteDisk) -> CidResult | None:
    """Ask whether it is gone."""
    is_there = context.cloud(work.cloud).cloud.has_disk(work.cid)
    return None if is_there else CidResult(cid=work.cid)
