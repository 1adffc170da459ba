"""The loop of a run: journal that calls begin, start them, wait, take their answers, fold, tell.

Takes a world, an execution and an engine, gives state, results and failures. A turn writes everything in one append:
what ended before and what begins now, so that "done" is on disk before anything that depends on it leaves.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import assert_never

from cpi.contract.errors import CloudError, ExplainedError, Retry
from director.execute import conform, failures, fold, milestones, resume
from director.execute.engine import NOT_THERE, Engine, StepCall
from director.execute.execution import Execution
from director.execute.progress import RunProgress
from director.execute.retry import Again
from director.execute.steps import long_running, table
from director.execute.steps.context import StepContext, index_plan
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.entries import Accepted, Begun, Done, Entry, Failed, Failure
from director.model.tasks.work import CloudWork, Result
from director.ports.runner import Answer, Broken, Finished, NotYet
from director.ports.world import World

Ask = Callable[[StepContext], Answer]


class Loop:
    """Carries one plan out. `ask` makes a context's call; `is_begun` says that the journal has the calls already."""

    def __init__(self, world: World, execution: Execution, *, engine: Engine, ask: Ask, is_begun: bool = False) -> None:
        self.state: DeploymentState = execution.state
        self.results: dict[ActionId, Result] = {}
        self.failures: dict[ActionId, Failure] = {}
        self.bugs: dict[ActionId, BaseException] = {}
        # What was begun by another command is only looked for: nothing is completed here.
        reached = () if is_begun else milestones.milestones_of(execution.run.plan)
        self.progress = RunProgress(world.watcher, total=len(execution.run.plan.actions), milestones=reached)
        self._world = world
        self._execution = execution
        self._engine = engine
        self._ask = ask
        self._is_begun = is_begun
        self._index = index_plan(execution.run.plan)
        self._actions = {action.id: action for action in execution.run.plan.actions}
        self._unwritten: list[Entry] = []

    def run(self) -> None:
        """Run until no action runs and none can start. Raises StateError from the journal, Interrupted, Bug."""
        while self._turn():
            pass

    def _turn(self) -> bool:
        runner = self._world.runner
        runner.check()
        calls = self._engine.start_due(runner.now())
        self._write(calls)
        for call in calls:
            runner.start(call.action.id, partial(answer_call, self._context(call), self._ask))
        if self._engine.is_over:
            return False
        for finished in runner.wait(self._engine.wake_at()):
            self._take(finished.action, self._read(finished))
        return True

    def _read(self, finished: Finished) -> Answer:
        """The answer; what no contract allows is kept for a report, and is a failure of its action."""
        if not isinstance(finished.answer, Broken):
            return finished.answer
        self.bugs[finished.action] = finished.answer.error
        return failures.describe_bug(finished.answer.error)

    def _write(self, calls: tuple[StepCall, ...]) -> None:
        """One append for all that ended and all that begins; nothing leaves unless it returns."""
        now = self._world.runner.now()
        beginning = [call for call in calls if call.asked == 0 and not self._is_begun]
        entries = [
            *self._unwritten,
            *(Begun(action=call.action.id, at=now, attempt=call.attempt, member=call.member) for call in beginning),
        ]
        if entries:
            self._world.journal.append(self._execution.lease, self._execution.run.id, entries)
        self._unwritten = []
        for call in beginning:
            self.state = fold.fold_begun(self.state, call.action)
            if call.attempt == 1:
                self.progress.report_start(call, now)

    def _take(self, identity: ActionId, answer: Answer) -> None:
        if identity not in self._actions:
            return  # a late answer to a question that was asked before this run
        action, now = self._actions[identity], self._world.runner.now()
        taken = self._engine.take(identity, answer, now)
        match taken:
            case Done(result=result):
                self.results[action.id] = result
                self.state = fold.fold_result(self.state, action, result)
            case Failed(failure=failure):
                self.failures[action.id] = failure
            case Again() if isinstance(answer, Failure):
                self.progress.report_retry(action, now, failure=answer)
            case Again() | Accepted() | None:
                text = answer.text if isinstance(answer, NotYet) else ""
                self.progress.report_waiting(action, now, text=text)
            case _:
                assert_never(taken)
        if isinstance(taken, Accepted | Done | Failed):
            self._unwritten.append(taken)
        if isinstance(taken, Done | Failed):
            self.progress.report_end(action, taken)

    def _context(self, call: StepCall) -> StepContext:
        return StepContext(
            world=self._world,
            environment=self._execution.environment,
            state=self.state,
            call=call,
            index=self._index,
            results=self.results,
            timeouts=self._execution.timeouts,
        )


def do_or_find(context: StepContext) -> Answer:
    """Make the call, or look for its effect if the engine says so."""
    if not context.call.is_looking:
        return table.do_step(context)
    return table.find_effect(context) or NOT_THERE


def settle_call(context: StepContext) -> Answer:
    """Look for the call's effect; only what must not be left undone, and is the same done twice, is done again."""
    facts = context.call.action.work.facts
    if facts.is_finished_at_once:
        return table.do_step(context)
    if (left := _left_under_way(context)) is not None:
        return left
    found = table.find_effect(context)
    if isinstance(found, Result):
        return found
    what = f"The call was interrupted. {found.what}" if found else resume.words_of_doubt(facts.doubt)
    return replace(NOT_THERE, code="interrupted", what=what, retry="never")


def _left_under_way(context: StepContext) -> NotYet | None:
    """What the cloud still carries out, for as long as it may; how it ended is for a look at its effect to tell."""
    work = context.call.action.work
    if not isinstance(work, CloudWork) or not context.call.handle:
        return None
    try:
        return long_running.watch(context, work.cloud)
    except CloudError as error:
        if error.retry is Retry.SAFE:
            raise
        return None


def answer_call(context: StepContext, ask: Ask) -> Answer:
    """Make one call; errors become data. Runs in a thread of the runner, which reports any other exception."""
    try:
        answer = ask(context)
        if isinstance(answer, Result):
            conform.check_result(context.call.action, answer)
        return answer
    except ExplainedError as error:
        return failures.describe_error(error)
