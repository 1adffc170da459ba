"""Make one thing of the landing zone."""

from cpi.contract.values import FoundLandingResource
from director.actions.create_landing_resource import CreateLandingResource, CreateLandingResourceResult
from director.execute.steps import long_running
from director.execute.steps.context import StepContext
from director.ports.runner import NotYet


def do(context: StepContext, work: CreateLandingResource) -> CreateLandingResourceResult | NotYet:
    """Make it; what is there already, ours, is taken as it is."""
    calls = long_running.landing_of(context, work.cloud)
    found = long_running.carry_out(
        context, work.cloud, lambda: calls.create_landing_resource(work.resource, work.owner)
    )
    return found if isinstance(found, NotYet) else _result(found)


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
