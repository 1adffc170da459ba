"""A plan carried out under a lease, an unfinished one settled first.

Takes a Session and a plan, gives how the run ended.
"""

import importlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol, cast

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF
from director import errors
from director.app.sessions import planned
from director.app.sessions.session import Session
from director.app.tasks import reservations
from director.app.tasks.tasks import TaskBook
from director.errors import ActionFailedError, Bug, Failures
from director.execute.execution import Execution, RunResult
from director.model.environments.environment import Environment
from director.model.environments.state import DeploymentState
from director.model.ids import OwnerName
from director.model.report import RunReport
from director.model.tasks.caller import Caller
from director.model.tasks.entries import Failure, Run
from director.model.tasks.plan import Action, Plan
from director.ports.runner import Interrupted
from director.ports.state_store import Lease
from director.ports.world import World

_NEVER_BEGUN = frozenset({"not-begun"})
_EXECUTE = "director.execute.front"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDeployment:
    """The right to change a deployment, and its state with nothing in doubt."""

    lease: Lease
    state: DeploymentState
    environment: Environment
    caller: Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEnvironment:
    """The right to change an environment and all its deployments; `own` is that of the environment itself."""

    own: HeldDeployment
    leases: Mapping[OwnerName, Lease]


@contextmanager
def hold_deployment(
    session: Session, environment: Environment, name: OwnerName, *, caller: Caller
) -> Iterator[HeldDeployment]:
    """Hold the deployment's lease; what an interrupted run left open is looked up at the cloud first."""
    if name is not ENVIRONMENT_ITSELF:
        session.world.tasks.note_deployment(session.task, name)
    with session.world.store.hold_lease(environment.name, name, caller=caller) as lease:
        if name is not ENVIRONMENT_ITSELF:
            session.environment()  # it may have been removed since it was read
        yield _settled(session, environment, lease, caller=caller)


@contextmanager
def hold_environment(session: Session, environment: Environment, *, caller: Caller) -> Iterator[HeldEnvironment]:
    """Hold every lease of the environment; what a run of its own left open is looked up at the cloud first."""
    with session.world.store.hold_all_leases(environment.name, caller=caller) as leases:
        own = _settled(session, environment, leases[ENVIRONMENT_ITSELF], caller=caller)
        yield HeldEnvironment(own=own, leases=leases)


def _settled(session: Session, environment: Environment, lease: Lease, *, caller: Caller) -> HeldDeployment:
    world = session.world
    state = planned.known_state(session, environment, lease.deployment)
    run = world.journal.unfinished_run(environment.name, lease.deployment)
    if run is not None:
        state = _executing().settle_run(world, run, lease=lease, state=state, environment=environment)
        TaskBook(world.tasks, world.journal, world.clock).end_dead_tasks(environment.name)
    return HeldDeployment(lease=lease, state=state, environment=environment, caller=caller)


def run_plan(session: Session, held: HeldDeployment, plan: Plan, *, stored_plan: int | None = None) -> RunResult:
    """Run the plan to its end. `stored_plan` is the number of the one that this applies.

    Raises AddressesTakenError before anything, Failures, ExplainedError `interrupted`.
    """
    run = replace(new_run(session, held, plan), stored_plan=stored_plan)
    execution = Execution(run=run, lease=held.lease, state=held.state, environment=held.environment)
    try:
        with reservations.reserving(session, held.state, plan, caller=held.caller):
            begun = _executing().begin_plan(session.world, execution)
        result = _executing().continue_run(session.world, begun)
    except Interrupted as error:
        raise errors.interrupted(held.caller.command) from error
    if not result.is_done:
        raise Failures(_errors(plan, result))
    return result


def new_run(session: Session, held: HeldDeployment, plan: Plan) -> Run:
    """The plan's run, not begun yet."""
    return Run(
        id=plan.run,
        environment=plan.environment,
        deployment=plan.deployment,
        started_at=session.world.clock.now(),
        plan=plan,
        task=session.task,
    )


def report_run(result: RunResult) -> RunReport:
    """The run in a few words."""
    kinds = {action.id: action.work.kind for action in result.run.plan.actions}
    ended_at = result.run.ended_at or result.run.started_at
    return RunReport(
        deployment=str(result.run.deployment),
        number=result.run.task,
        state=result.run.state.value,
        took_s=ended_at - result.run.started_at,
        counts=dict(Counter(kinds[action] for action in result.results if action in kinds)),
    )


class _Executing(Protocol):
    """What execute.front offers."""

    def begin_plan(self, world: World, execution: Execution) -> Execution: ...

    def continue_run(self, world: World, begun: Execution) -> RunResult: ...

    def settle_run(
        self, world: World, run: Run, *, lease: Lease, state: DeploymentState, environment: Environment
    ) -> DeploymentState: ...


def _executing() -> _Executing:
    """The engine with all steps, imported with the first run: most commands have none."""
    return cast(_Executing, importlib.import_module(_EXECUTE))


def _errors(plan: Plan, result: RunResult) -> list[ExplainedError]:
    actions = {action.id: action for action in plan.actions}
    own = [(actions[at], failure) for at, failure in result.failures.items() if failure.code not in _NEVER_BEGUN]
    return [_error(action, failure, result.bugs.get(action.id)) for action, failure in own]


def _error(action: Action, failure: Failure, bug: BaseException | None) -> ExplainedError:
    error: ExplainedError
    if bug is not None:
        error = Bug(failure.code, failure.what, why=failure.why, fix=failure.fix)
        error.__cause__ = bug
    else:
        error = ActionFailedError(failure.code, failure.what, why=failure.why, fix=failure.fix, output=failure.output)
        error.cloud = failure.cloud
    return error.while_(f"{action.work.facts.doing} for {action.subject}")
