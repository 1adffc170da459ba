"""The room's front door: what is wanted against what is, as a plan.

Takes Desired and Observed, or inventories; gives a Plan. Pure: the same in, the same out.
"""

from director.model.desired import Desired
from director.model.observed import Observed
from director.model.plan import Plan
from director.plan import deployment, order
from director.plan.request import PlanRequest


def make_plan(desired: Desired, observed: Observed, request: PlanRequest) -> Plan:
    """Plan a deploy. Empty when everything is as desired.

    Raises InputError (address-pool-empty, address-taken, static-ips-uneven, static-ip-outside-azs, stemcell-missing,
    disk-missing), AgentError (agent-silent), all problems of a kind at once; Bug: plan-cycle.
    """
    scene = deployment.set_scene(desired, observed, request)
    parts = deployment.converge(scene, desired.groups)
    return Plan(
        run=request.run,
        environment=desired.environment,
        deployment=desired.deployment,
        actions=order.order_actions(parts.actions),
        gates=parts.gates,
        records=parts.records,
        manifest=desired.manifest,
        kept=parts.kept,
    )
