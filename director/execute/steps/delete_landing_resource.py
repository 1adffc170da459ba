"""Remove one thing of the landing zone."""

from cpi.contract.errors import NotSupportedError
from director.actions.delete_landing_resource import DeleteLandingResource
from director.execute.steps.context import StepContext
from director.model.work import CidResult


def do(context: StepContext, work: DeleteLandingResource) -> CidResult:
    """Remove it; gone before is fine."""
    landing = context.cloud(work.cloud).landing
    if landing is None:
        raise NotSupportedError("no-landing-zone", f"Cloud '{work.cloud}' has no landing zone.")
    landing.delete_landing_resource(work.cid)
    return CidResult(cid=work.cid)
