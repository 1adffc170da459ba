"""What plans of the environment itself share: a factory of their actions, and the plan around them.

Takes a request, gives a factory; takes actions, gives a plan.
"""

from collections.abc import Sequence

from cpi.contract.values import ENVIRONMENT_ITSELF
from director.model.tasks.plan import Action, Plan
from director.plan import order
from director.plan.action_factory import ActionFactory
from director.plan.request import EnvironmentRequest


def new_factory(request: EnvironmentRequest) -> ActionFactory:
    """A factory whose actions belong to no deployment."""
    return ActionFactory(run=request.run, environment=request.environment, deployment=ENVIRONMENT_ITSELF)


def plan_actions(request: EnvironmentRequest, actions: Sequence[Action]) -> Plan:
    """The actions in order, as a plan of the environment itself."""
    return Plan(
        run=request.run,
        environment=request.environment,
        deployment=ENVIRONMENT_ITSELF,
        actions=order.order_actions(actions),
    )
