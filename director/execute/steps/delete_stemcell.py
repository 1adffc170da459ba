"""Remove an image of ours. Facts: cid."""

from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import DeleteStemcell


def do(context: Context, work: DeleteStemcell) -> Outcome:
    """Remove it; gone before is fine."""
    context.cloud(work.cloud).cloud.delete_stemcell(work.cid)
    return Outcome(facts={"cid": work.cid})
