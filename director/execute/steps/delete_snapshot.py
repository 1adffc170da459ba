"""Remove a snapshot of ours. Facts: cid."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import DeleteSnapshot


def do(context: Context, work: DeleteSnapshot) -> Outcome:
    """Remove it; gone before is fine."""
    context.cloud(work.cloud).cloud.delete_snapshot(work.cid)
    return Outcome(facts={"cid": work.cid})
