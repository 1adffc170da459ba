"""Remove an image of ours."""

from director.actions.delete_stemcell import DeleteStemcell
from director.execute.steps.context import Context
from director.model.work import CidResult


def do(context: Context, work: DeleteStemcell) -> CidResult:
    """Remove it; gone before is fine."""
    context.cloud(work.cloud).cloud.delete_stemcell(work.cid)
    return CidResult(cid=work.cid)
