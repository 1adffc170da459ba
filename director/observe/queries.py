"""Queries run in parallel through the Runner; repeated while the one asked is only busy.

Takes functions by name, gives what each returned or raised, in the order of the names. Looking changes nothing, so
what may pass by itself is tried again.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from cpi.contract.errors import CloudError, ExplainedError, Retry, ThrottledError
from director.errors import Bug
from director.model.ids import ActionId
from director.model.tasks.work import Result
from director.ports.runner import Answer, NotYet, Runner, answered

T = TypeVar("T")

_MOST_TRIES = 50
_PAUSE_S = 1.0


class Query(Generic[T]):
    """A query, and what came of it: `answers` has one value, or `error` is there, or neither: no answer in time."""

    def __init__(self, ask: Callable[[], T], *, most_tries: int | None = None) -> None:
        self.function = ask
        self.answers: tuple[T, ...] = ()
        self.error: ExplainedError | None = None
        self._tries_left = most_tries

    def ask(self) -> Answer:
        """Ask once. What may pass by itself is "not yet", and the last error all the same."""
        try:
            self.answers, self.error = (self.function(),), None
        except ExplainedError as error:
            self.error = error
            if self._may_pass(error):
                return NotYet(after_s=error.after_s if isinstance(error, ThrottledError) else _PAUSE_S)
        return Result()

    def result(self) -> T:
        """The answer. Raises the error that stood."""
        if self.error:
            raise self.error
        if not self.answers:
            raise Bug("question-unanswered", "A query ended without an answer.")
        return self.answers[-1]

    def _may_pass(self, error: ExplainedError) -> bool:
        if self._tries_left is not None:
            self._tries_left -= 1
        return self._tries_left != 0 and isinstance(error, CloudError) and error.retry is not Retry.NEVER


def ask_all(runner: Runner, functions: Mapping[str, Callable[[], T]]) -> Mapping[str, T]:
    """Give every answer. Raises the first error that stands, Interrupted, and at once whatever is no ExplainedError."""
    queries = [Query(ask, most_tries=_MOST_TRIES) for ask in functions.values()]
    _run(runner, queries, until=None)
    return dict(zip(functions, (query.result() for query in queries), strict=True))


def ask_within(runner: Runner, functions: Mapping[str, Callable[[], T]], *, limit_s: float) -> Mapping[str, Query[T]]:
    """Wait for the answers at most that long. Raises Interrupted, and at once whatever is no ExplainedError."""
    queries = [Query(ask) for ask in functions.values()]
    silent = _run(runner, queries, until=runner.now() + limit_s)
    heard = (Query(query.function) if query in silent else query for query in queries)
    return dict(zip(functions, heard, strict=True))


def keep_asking(runner: Runner, functions: Sequence[Callable[[], float | None]]) -> None:
    """Call each again after as many seconds as it gives, until it gives None. Raises Interrupted and their errors."""
    _run(runner, [_Repeated(ask) for ask in functions], until=None)


class _Repeated(Query[float | None]):
    """A query that says itself when to be asked again."""

    def ask(self) -> Answer:
        after_s = self.function()
        return Result() if after_s is None else NotYet(after_s=after_s)


def _run(runner: Runner, queries: list[Query[T]], *, until: float | None) -> set[Query[T]]:
    """Run them all to their ends, or until then; gives those that are still under way."""
    asked = {ActionId(f"ask/{runner.now():.6f}/{number}"): query for number, query in enumerate(queries)}
    due = dict.fromkeys(asked, runner.now())
    running: set[ActionId] = set()
    limit = () if until is None else (until,)
    while (due or running) and (until is None or runner.now() < until):
        for action in [action for action, at in due.items() if at <= runner.now()]:
            del due[action]
            running.add(action)
            runner.start(action, asked[action].ask)
        for action, answer in answered(runner.wait(min((*limit, *due.values()), default=None))):
            running.discard(action)  # a late answer to an earlier query is ignored
            if isinstance(answer, NotYet) and action in asked:
                due[action] = runner.now() + answer.after_s
    return {asked[action] for action in running}
