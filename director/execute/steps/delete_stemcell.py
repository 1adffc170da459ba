"""Delete one of the environment's images."""

from director.actions.delete_stemcell import DeleteStemcell
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult


def do(context: StepContext, work: DeleteStemcell) -> CidResult:
    """Remove it; gone before is fine."""
    context.cloud(work.cloud).cloud.delete_stemcell(work.cid)
    return CidResult(cid=work.cid)
