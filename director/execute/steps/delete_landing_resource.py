"""Remove one thing of the landing zone. Facts: cid."""

from cpi.errors import NotSupportedError
from director.execute.steps.context import Context
from director.model.entries import Outcome
from director.model.work import DeleteLandingResource


def do(context: Context, work: DeleteLandingResource) -> Outcome:
    """Remove it; gone before is fine."""
    landing = context.cloud(work.cloud).landing
    if landing is None:
        raise NotSupportedError("no-landing-zone", f"Cloud '{work.cloud}' has no landing zone.")
    landing.delete_landing_resource(work.cid)
    return Outcome(facts={"cid": work.cid})
