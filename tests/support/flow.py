"""Settle, observe, plan, execute: a command as the director's use cases join the rooms.

Takes a simulation and what is wanted, gives how the run ended.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from director.execute import front as executing
from director.execute.execution import Execution, RunResult
from director.model.environments.desired import Desired
from director.model.environments.environment import Environment
from director.model.environments.observed import Observed
from director.model.environments.state import DeploymentState
from director.model.ids import RunId
from director.model.tasks.entries import Run
from director.model.tasks.plan import Plan
from director.observe import front as observing
from director.plan import front as planning
from director.plan.acting import teardown
from director.plan.request import PlanRequest
from director.ports.state_store import Lease
from director.ports.world import World
from tests.support.callers import calling
from tests.support.deaths import Deaths
from tests.support.simulation import Simulation
from tests.support.wants import DEPLOYMENT, ENVIRONMENT

Command = Callable[[Simulation, Deaths], RunResult | None]
"""What a person types: run in a process that may die. None when there was nothing to do."""

Execute = Callable[[World, Execution], RunResult]
Settle = Callable[..., DeploymentState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """The execute room, or a broken one that a sweep must catch."""

    execute: Execute = executing.execute_plan
    settle: Settle = executing.settle_run


REAL = Rooms()


def deploying(desired: Desired, rooms: Rooms = REAL) -> Command:
    """The command `deploy`."""

    def deploy(simulation: Simulation, deaths: Deaths) -> RunResult | None:
        return _command(simulation, deaths, rooms=rooms, desired=desired)

    return deploy


def adopting(desired: Desired) -> Command:
    """The command `adopt` of one manifest."""

    def adopt(simulation: Simulation, deaths: Deaths) -> RunResult | None:
        world = simulation.process(deaths)
        simulation.runs += 1
        run_id, environment = RunId(f"a{simulation.runs}"), simulation.environment
        lease_: AbstractContextManager[Lease] = world.store.hold_lease(ENVIRONMENT, DEPLOYMENT, caller=calling("test"))
        with lease_ as lease:
            state = _settled_state(world, lease, rooms=REAL, environment=environment)
            observed = observing.observe_to_adopt(world, environment, desired=desired, state=state)
            request = PlanRequest(run=run_id, ssh=environment.ssh, stemcells=environment.stemcells)
            plan = planning.make_adoption(desired, observed, request).plan
            if plan.is_empty and not plan.records:
                return None
            run = _run(run_id, plan, at=world.clock.now())
            return REAL.execute(world, Execution(run=run, lease=lease, state=state, environment=environment))

    return adopt


def tearing_down(rooms: Rooms = REAL) -> Command:
    """The command `delete-deployment`, disks included."""

    def tear_down(simulation: Simulation, deaths: Deaths) -> RunResult | None:
        return _command(simulation, deaths, rooms=rooms, desired=None)

    return tear_down


def _command(simulation: Simulation, deaths: Deaths, *, rooms: Rooms, desired: Desired | None) -> RunResult | None:
    world = simulation.process(deaths)
    simulation.runs += 1
    run_id = RunId(f"r{simulation.runs}")
    lease_: AbstractContextManager[Lease] = world.store.hold_lease(ENVIRONMENT, DEPLOYMENT, caller=calling("test"))
    with lease_ as lease:
        state = _settled_state(world, lease, rooms=rooms, environment=simulation.environment)
        observed = observing.observe_world(world, simulation.environment, desired=desired, state=state)
        plan = plan_for(desired, observed, run_id=run_id, simulation=simulation)
        if plan.is_empty:
            if desired is None:
                world.store.delete_deployment(lease)
            return None
        execution = Execution(
            run=_run(run_id, plan, at=world.clock.now()),
            lease=lease,
            state=state,
            environment=simulation.environment,
        )
        result = rooms.execute(world, execution)
        if desired is None and result.is_done:
            world.store.delete_deployment(lease)
        return result


def plan_for(desired: Desired | None, observed: Observed, *, run_id: RunId, simulation: Simulation) -> Plan:
    """The plan room's answer; without anything desired, the teardown of everything."""
    request = PlanRequest(
        run=run_id,
        ssh=simulation.environment.ssh,
        stemcells=simulation.environment.stemcells,
        compile_times_s=simulation.compile_times_s,
        is_deleting_disks=desired is None,
        storing=simulation.environment.storing,
    )
    return planning.make_plan(desired, observed, request) if desired else teardown.plan_teardown(observed, request)


def _settled_state(world: World, lease: Lease, *, rooms: Rooms, environment: Environment) -> DeploymentState:
    saved = world.store.load_deployment(ENVIRONMENT, DEPLOYMENT)
    state = saved or DeploymentState(environment=ENVIRONMENT, deployment=DEPLOYMENT)
    unfinished = world.journal.unfinished_run(ENVIRONMENT, DEPLOYMENT)
    if unfinished is None:
        return state
    return rooms.settle(world, unfinished, lease=lease, state=state, environment=environment)


def _run(run_id: RunId, plan: Plan, *, at: float) -> Run:
    return Run(
        id=run_id,
        environment=ENVIRONMENT,
        deployment=DEPLOYMENT,
        started_at=at,
        plan=plan,
    )
