"""Change the rules or routes of one thing of the landing zone."""

from director.actions.update_landing_resource import UpdateLandingResource
from director.execute.steps import long_running
from director.execute.steps.context import StepContext
from director.model.tasks.work import CidResult
from director.ports.runner import NotYet


def do(context: StepContext, work: UpdateLandingResource) -> CidResult | NotYet:
    """Give it the wanted entries; having them before is fine."""
    calls = long_running.landing_of(context, work.cloud)
    found = long_running.carry_out(
        context, work.cloud, lambda: calls.create_landing_resource(work.resource, work.owner)
    )
    return found if isinstance(found, NotYet) else CidResult(cid=found.cid)
