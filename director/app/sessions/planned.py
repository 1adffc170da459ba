"""Observe and plan: the one place where what is wanted of a deployment meets what is there.

Takes a Session, what is wanted and a planner, gives the plan with what it was made from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import assert_never

from cpi.contract.value_classes import dataclass
from director.app.sessions.session import Session, new_run_id
from director.model.environments.desired import Desired
from director.model.environments.environment import Environment
from director.model.environments.observed import Observed
from director.model.environments.state import DeploymentState
from director.model.ids import InstanceId, OwnerName
from director.model.tasks.plan import Plan
from director.model.tasks.stored_plan import PlanOptions
from director.observe import front as observing
from director.observe import recorded
from director.plan.request import PlanRequest

Planner = Callable[[Observed], Plan]
"""Makes the plan from what was observed: of a deploy, an errand, a teardown."""


class Look(Enum):
    """How a deployment is observed. RECORDS asks no cloud and no agent."""

    WORLD = "clouds and agents"
    CHANGING = "clouds, and the agents of instances that change or are not well"
    RECORDS = "records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A deployment: `desired` None where it is to go. `reserved` are addresses that earlier plans will take."""

    state: DeploymentState
    desired: Desired | None = None
    look: Look = Look.WORLD
    reserved: Sequence[Mapping[str, frozenset[str]]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPlan:
    """A plan, and what it was made from."""

    observed: Observed
    plan: Plan


def observe_and_plan(session: Session, environment: Environment, subject: Subject, *, planner: Planner) -> ObservedPlan:
    """Look at the deployment, then plan it. Writes nothing; raises what observing and the planner raise."""
    observed = _observe(session, environment, subject, planner=planner)
    return ObservedPlan(observed=observed, plan=planner(observed))


def known_state(session: Session, environment: Environment, name: OwnerName) -> DeploymentState:
    """The deployment's state as saved; an empty one before its first deploy."""
    saved = session.world.store.load_deployment(environment.name, name)
    return saved or DeploymentState(environment=environment.name, deployment=name)


def plain_request(environment: Environment) -> PlanRequest:
    """What every plan of a deployment is asked with, under a new run's id."""
    return PlanRequest(
        run=new_run_id(),
        ssh=environment.ssh,
        stemcells=environment.stemcells,
        can_resize_disks=True,
        storing=environment.storing,
    )


def with_options(request: PlanRequest, options: PlanOptions) -> PlanRequest:
    """The same with the options beside the manifest."""
    return replace(
        request,
        skip_drain=options.skip_drain,
        canaries=options.canaries,
        max_in_flight=options.max_in_flight,
        regenerate=options.regenerate,
        compile_times_s=options.compile_times_s,
        is_renewing_disks=options.is_renewing_disks,
    )


def _observe(session: Session, environment: Environment, subject: Subject, *, planner: Planner) -> Observed:
    world, desired, state = session.world, subject.desired, subject.state
    match subject.look:
        case Look.WORLD:
            return observing.observe_world(world, environment, desired=desired, state=state)
        case Look.CHANGING:
            unasked = observing.observe_clouds(world, environment, desired=desired, state=state)
            touched = _touched(planner(unasked))
            return observing.observe_agents(world, environment, observed=unasked, instances=touched)
        case Look.RECORDS:
            assert desired is not None, "records alone are looked at for what is wanted"
            return recorded.observe_records(world, desired, state, reserved=subject.reserved)
        case _:
            assert_never(subject.look)


def _touched(plan: Plan) -> frozenset[InstanceId]:
    """The instances a plan does something to."""
    named = (action.work.instance_id for action in plan.actions)
    return frozenset(InstanceId(str(instance)) for instance in named if instance is not None)
