"""Remove a snapshot of ours."""

from director.actions.delete_snapshot import DeleteSnapshot
from director.execute.steps.context import StepContext
from director.model.work import CidResult


def do(context: StepContext, work: DeleteSnapshot) -> CidResult:
    """Remove it; gone before is fine."""
    context.cloud(work.cloud).cloud.delete_snapshot(work.cid)
    return CidResult(cid=work.cid)
