"""Delete one of the environment's images."""

from director.actions.delete_stemcell import DeleteStemcell
from director.execute.steps import long_running
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: DeleteStemcell) -> CidResult | NotYet:
    """Remove it; gone before is fine."""
    calls = long_running.calls_of(context, work.cloud)
    left = long_running.carry_out(context, work.cloud, lambda: calls.delete_stemcell(work.cid))
    return left or CidResult(cid=work.cid)
