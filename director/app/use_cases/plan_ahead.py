"""Deployments planned one after the other, as if each were done before the next: before any of them is.

Takes a Session and what is wanted, gives steps. Looks at our own records alone: no cloud and no agent is asked.
"""

from collections.abc import Sequence
from dataclasses import field

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director import errors
from director.app.sessions import planned
from director.app.sessions.planned import Look, Subject
from director.app.sessions.session import Session
from director.errors import InputError, raise_all
from director.model.environments.desired import Desired, Lifecycle
from director.model.environments.environment import Environment
from director.model.environments.observed import Observed
from director.model.tasks.plan import Plan
from director.model.tasks.stored_plan import PlanOptions
from director.plan import front as planning
from director.plan.deciding.preflight_requests import DeploymentStep
from director.plan.request import ErrandRequest, PlanRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDeployment:
    """A deployment, the options of its plan, and the errands that follow it."""

    desired: Desired
    errands: tuple[str, ...] = ()
    options: PlanOptions = field(default_factory=PlanOptions)


def plan_all(
    session: Session, environment: Environment, wanted: Sequence[PlannedDeployment]
) -> tuple[DeploymentStep, ...]:
    """Plan each where those before it hold their addresses. Raises InputError and Problems, of all deployments."""
    steps: list[DeploymentStep] = []
    problems: list[ExplainedError] = []
    for each in wanted:
        subject = Subject(
            desired=each.desired,
            state=planned.known_state(session, environment, each.desired.deployment),
            look=Look.RECORDS,
            reserved=[step.plan.reserved() for step in steps],
        )
        try:
            steps.append(_step(session, environment, each, subject=subject))
        except InputError as error:
            problems.extend(errors.each_problem(error))
    raise_all(problems)
    return tuple(steps)


def _step(session: Session, environment: Environment, wanted: PlannedDeployment, *, subject: Subject) -> DeploymentStep:
    request = planned.with_options(planned.plain_request(environment), wanted.options)
    made = planned.observe_and_plan(
        session, environment, subject, planner=lambda observed: planning.make_plan(wanted.desired, observed, request)
    )
    errands = _errand_plans(wanted, made.observed, request)
    return DeploymentStep(plan=made.plan, state=subject.state, errands=errands)


def _errand_plans(wanted: PlannedDeployment, observed: Observed, request: PlanRequest) -> tuple[Plan, ...]:
    """Only errand groups have VMs of their own; other errands run on what is there by then."""
    groups = {group.name for group in wanted.desired.groups if group.lifecycle is Lifecycle.ERRAND}
    names = [name for name in wanted.errands if name in groups]
    return tuple(
        planning.make_errand_plan(wanted.desired, observed, request, errand=ErrandRequest(name=name)) for name in names
    )
