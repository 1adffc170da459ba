"""Questions asked beside each other, through the Runner; asked again while the one asked is only busy.

Takes functions by name, gives their answers by name; raises the first error that stands.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from cpi.contract.errors import CloudError, ExplainedError, Retry, ThrottledError
from director.errors import Bug
from director.model.ids import ActionId
from director.model.work import Result
from director.ports.runner import Answer, NotYet, Runner, answered

T = TypeVar("T")

_MOST_TRIES = 50
_PAUSE_S = 1.0


def ask_all(runner: Runner, questions: Mapping[str, Callable[[], T]]) -> Mapping[str, T]:
    """Give the answers in the order of the questions. Looking changes nothing, so what may pass is tried again.

    Raises the first error that stands, and at once whatever is no ExplainedError.
    """
    asked = {ActionId(f"observe/{name}"): _Question(ask) for name, ask in questions.items()}
    waiting = dict.fromkeys(asked, runner.now())
    running: set[ActionId] = set()
    while waiting or running:
        for action in [action for action, at in waiting.items() if at <= runner.now()]:
            del waiting[action]
            running.add(action)
            runner.start(action, asked[action].ask)
        for action, answer in answered(runner.wait(min(waiting.values(), default=None))):
            running.discard(action)
            if isinstance(answer, NotYet) and action in asked:
                waiting[action] = runner.now() + answer.after_s
    return {name: asked[ActionId(f"observe/{name}")].result() for name in questions}


class _Question(Generic[T]):
    """One question, and what came of it."""

    def __init__(self, question: Callable[[], T]) -> None:
        self._question = question
        self._tries = 0
        self._answers: list[T] = []
        self._error: ExplainedError | None = None

    def ask(self) -> Answer:
        """Ask once; an answer or an error that stands is kept, the rest is "not yet"."""
        self._tries += 1
        try:
            self._answers.append(self._question())
        except ExplainedError as error:
            if self._tries < _MOST_TRIES and isinstance(error, CloudError) and error.retry is not Retry.NEVER:
                return NotYet(after_s=error.after_s if isinstance(error, ThrottledError) else _PAUSE_S)
            self._error = error
        return Result()

    def result(self) -> T:
        """The answer. Raises the error that stood."""
        if self._error:
            raise self._error
        if not self._answers:
            raise Bug("question-unanswered", "A query ended without an answer.")
        return self._answers[-1]
