"""Questions asked beside each other within a given time: who is silent until then is told as silent.

Takes functions by name, gives what each gave or raised, in the order of the names.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from cpi.contract.errors import CloudError, ExplainedError, Retry, ThrottledError
from director.model.ids import ActionId
from director.model.work import Result
from director.ports.runner import Answer, NotYet, Runner, answered

T = TypeVar("T")

_PAUSE_S = 1.0


class Question(Generic[T]):
    """A question, and what came of it: `answers` has one value, or `error` is there, or neither: silence."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self.question = ask
        self.answers: tuple[T, ...] = ()
        self.error: ExplainedError | None = None

    def ask(self) -> Answer:
        """Ask once. What may pass by itself is "not yet", and what was said last all the same."""
        try:
            self.answers, self.error = (self.question(),), None
        except ExplainedError as error:
            self.error = error
            if isinstance(error, CloudError) and error.retry is not Retry.NEVER:
                return NotYet(after_s=error.after_s if isinstance(error, ThrottledError) else _PAUSE_S)
        return Result()


def ask_within(
    runner: Runner, questions: Mapping[str, Callable[[], T]], *, limit_s: float
) -> Mapping[str, Question[T]]:
    """Ask all at once and wait for them at most that long.

    Raises Interrupted, and at once whatever a question raises that is no ExplainedError: that is no silence.
    """
    until = runner.now() + limit_s
    asked = {ActionId(f"ask/{until:.6f}/{name}"): Question(ask) for name, ask in questions.items()}
    due = dict.fromkeys(asked, runner.now())
    running: set[ActionId] = set()
    while (due or running) and runner.now() < until:
        for action in [action for action, at in due.items() if at <= runner.now()]:
            del due[action]
            running.add(action)
            runner.start(action, asked[action].ask)
        for action, answer in answered(runner.wait(min((until, *due.values())))):
            running.discard(action)  # a late answer to an earlier question is nobody's
            if isinstance(answer, NotYet) and action in asked:
                due[action] = runner.now() + answer.after_s
    heard = (Question(ask.question) if action in running else ask for action, ask in asked.items())
    return dict(zip(questions, heard, strict=True))
