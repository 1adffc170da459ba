"""Remove one thing of the landing zone."""

from director.actions.delete_landing_resource import DeleteLandingResource
from director.execute.steps import long_running
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: DeleteLandingResource) -> CidResult | NotYet:
    """Remove it; gone before is fine."""
    calls = long_running.landing_of(context, work.cloud)
    left = long_running.carry_out(context, work.cloud, lambda: calls.delete_landing_resource(work.cid))
    return left or CidResult(cid=work.cid)
