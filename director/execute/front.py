"""Carry a plan out, or settle a run that a crash cut short.

Takes a world and an execution, gives what became of it.
"""

from dataclasses import replace

from cpi.contract.values import ENVIRONMENT_ITSELF
from director.errors import StateError
from director.execute import fold, loop, milestones, resume
from director.execute.engine import Engine
from director.execute.execution import Execution as Execution
from director.execute.execution import RunResult as RunResult
from director.execute.execution import Timeouts as Timeouts
from director.model.environments.environment import Environment
from director.model.environments.state import DeploymentState
from director.model.tasks.entries import Failure, Run
from director.model.tasks.events import Happening
from director.model.tasks.plan import Action, Plan
from director.model.tasks.task import TaskState
from director.ports.runner import Interrupted
from director.ports.state_store import Lease
from director.ports.world import World

INTERRUPTED = "interrupted"
"""The result of a run that a crash cut short, once it is settled."""


def execute_plan(world: World, execution: Execution) -> RunResult:
    """Begin the plan's run and carry it on to its end. Raises as these two do."""
    return continue_run(world, begin_plan(world, execution))


def begin_plan(world: World, execution: Execution) -> Execution:
    """Write the run and the plan's records down: from here on its addresses are reserved, and settle_run knows of it.

    Raises StateError (lease-lost, disk-full).
    """
    run = world.journal.begin_run(execution.lease, execution.run)
    known = fold.fold_records(execution.state, run.plan)
    return replace(execution, run=run, state=world.store.save_deployment(execution.lease, known))


def continue_run(world: World, begun: Execution) -> RunResult:
    """Do everything planned, save the state, close the run.

    The run ends "done" or "error"; failures are in the result, not raised. Raises StateError (lease-lost, disk-full)
    and Interrupted: then the run stays open, and settle_run finds out what happened.
    """
    run = begun.run
    doing = loop.Loop(world, begun, engine=Engine(run.plan), ask=loop.do_or_find)
    doing.progress.report_run_event(Happening.PLANNED, world.clock.now(), text=_planned(run))
    try:
        doing.run()
    except Interrupted:
        world.store.save_deployment(begun.lease, doing.state)
        raise
    return _close(world, begun, doing)


def settle_run(
    world: World, run: Run, *, lease: Lease, state: DeploymentState, environment: Environment
) -> DeploymentState:
    """Find out what became of a run that a crash cut short, save that, and close the run. No work is begun.

    Raises StateError, code `call-uncertain`, for calls that may have happened on a cloud that cannot say, and what a
    look raised that no contract allows. What is known is saved; the run stays open until a person has closed it.
    """
    entries = world.journal.read_entries(run.id)
    known = fold.fold_entries(fold.fold_records(state, run.plan), run.plan, entries)
    looking_plan = _plan_of_looks(run.plan, resume.open_actions(run.plan, entries))
    execution = Execution(run=replace(run, plan=looking_plan), lease=lease, state=known, environment=environment)
    looking = loop.Loop(
        world,
        execution,
        engine=Engine(looking_plan, is_looking=True, handles=resume.handles_of(entries)),
        ask=loop.settle_call,
        is_begun=True,
    )
    # A VM that is looked for may be of a stemcell that the same run made.
    looking.results.update(resume.results_of(entries))
    looking.run()
    settled = world.store.save_deployment(lease, looking.state)
    for bug in looking.bugs.values():
        raise bug
    _raise_unsettled([failure for failure in looking.failures.values() if failure.code != INTERRUPTED])
    ended_at = resume.last_sign_of_life(run, entries)
    world.journal.end_run(lease, run.id, state=TaskState.ERROR, result=INTERRUPTED, ended_at=ended_at)
    return settled


def _close(world: World, execution: Execution, doing: loop.Loop) -> RunResult:
    run, is_done = execution.run, not doing.failures
    state = world.store.save_deployment(execution.lease, _deployed(doing.state, run.plan) if is_done else doing.state)
    now = world.clock.now()
    ended = replace(run, state=TaskState.DONE if is_done else TaskState.ERROR, result=_result(run, doing), ended_at=now)
    world.journal.end_run(execution.lease, run.id, state=ended.state, result=ended.result, ended_at=now)
    doing.progress.report_run_event(Happening.ENDED, world.clock.now(), text=_ended(ended))
    return RunResult(run=ended, state=state, results=doing.results, failures=doing.failures, bugs=doing.bugs)


def _deployed(state: DeploymentState, plan: Plan) -> DeploymentState:
    if plan.manifest is None:
        return state
    return replace(state, manifest=plan.manifest, links=plan.links, packages=plan.packages)


def _planned(run: Run) -> str:
    return f"{_called(run)}: {milestones.planned_words(run.plan)}"


def _ended(run: Run) -> str:
    took_s = max((run.ended_at or run.started_at) - run.started_at, 0)
    words = "done in" if run.state is TaskState.DONE else "failed after"
    return f"{_called(run)}: {words} {took_s:.1f} s"


def _called(run: Run) -> str:
    is_whole = run.deployment is ENVIRONMENT_ITSELF
    place = f"environment '{run.environment}'" if is_whole else f"deployment '{run.deployment}'"
    return f"Task {run.task}, {place}"


def _result(run: Run, doing: loop.Loop) -> str:
    first = next(iter(doing.failures.values()), None)
    return f"{first.code}: {first.what}" if first else f"/deployments/{run.deployment}"


def _plan_of_looks(plan: Plan, doubtful: tuple[Action, ...]) -> Plan:
    """Each action in doubt by itself: waits for nothing, and is looked at whatever the others say."""
    alone = (
        replace(action, after=(), gate=None, pool=None, is_joining_pool=False, is_using_pool=False, is_cleanup=True)
        for action in doubtful
    )
    return replace(plan, actions=tuple(alone), gates=())


def _raise_unsettled(failures: list[Failure]) -> None:
    """One error for all calls that stay in doubt: it is our state that is not known."""
    if failures:
        first = failures[0]
        what = " ".join(dict.fromkeys(failure.what for failure in failures))
        raise StateError(first.code, what, why=first.why, fix=first.fix)
