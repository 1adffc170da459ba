"""Make one thing of the landing zone."""

from cpi.contract.errors import NotSupportedError
from cpi.contract.values import FoundLandingResource
from director.actions.create_landing_resource import CreateLandingResource, CreateLandingResourceResult
from director.execute.steps.context import StepContext


def do(context: StepContext, work: CreateLandingResource) -> CreateLandingResourceResult:
    """Make it; what is there already, ours, is taken as it is."""
    landing = context.cloud(work.cloud).landing
    if landing is None:
        raise NotSupportedError("no-landing-zone", f"Cloud '{work.cloud}' does not support landing zones.")
    return _result(landing.create_landing_resource(work.resource, work.owner))


def find(context: StepContext, work: CreateLandingResource) -> CreateLandingResourceResult | None:
    """Look for it by kind and name among the environment's."""
    landing = context.cloud(work.cloud).landing
    if landing is None:
        return None
    wanted = (work.resource.kind, work.resource.name)
    found = landing.find_landing_resources(work.owner.environment)
    return next((_result(one) for one in found if (one.kind, one.name) == wanted), None)


def _result(found: FoundLandingResource) -> CreateLandingResourceResult:
    return CreateLandingResourceResult(cid=found.cid, kind=found.kind, name=found.name, outputs=dict(found.outputs))
