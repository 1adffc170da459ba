"""Calls that run in parallel, and the wait for one to end.

Takes functions without arguments, gives what they return; what they raise comes back as a value, so nothing is lost.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from cpi.contract.value_classes import dataclass
from director.model.ids import ActionId
from director.model.tasks.entries import Failure
from director.model.tasks.work import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """The answer "not yet": ask again after so many seconds. `text` says what is waited for.

    `handle` is what the cloud is carrying out, for its `look`; "" where the same call asks again.
    """

    after_s: float
    text: str = ""
    handle: str = ""


Answer = Result | NotYet | Failure
"""What one call gives. Errors have become data before they leave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The call raised something that no contract allows: a mistake in compleat or in a plugin."""

    error: BaseException


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    action: ActionId
    answer: Answer | Broken


class Runner(Protocol):
    """Starts calls in parallel, and keeps the time between them."""

    def start(self, action: ActionId, call: Callable[[], Answer]) -> None:
        """Begin the call; returns at once."""

    def wait(self, until: float | None) -> tuple[Finished, ...]:
        """Those calls that ended; waits for one, at most until the time `until` (None: for ever). May be empty.

        Reports the end of every started call, whatever it raised; also of one whose answer is no longer needed.
        Raises Interrupted once it is cancelled.
        """

    def check(self) -> None:
        """Raise Interrupted once it is cancelled: asked before calls are started, so that none is after that."""

    def cancel(self) -> bool:
        """Ask from outside (another thread, a signal) to stop: from now on `wait` raises Interrupted.

        Gives whether a run meets that by itself, because calls are under way. Else nothing does, until the next wait.
        """

    def now(self) -> float:
        """The Runner's time in seconds, the same as the world's clock."""


def answered(finished: Iterable[Finished]) -> Iterator[tuple[ActionId, Answer]]:
    """The ended calls, by action, for callers that start only queries.

    Raises an exception of a call that no contract allows.
    """
    for one in finished:
        if isinstance(one.answer, Broken):
            raise one.answer.error
        yield one.action, one.answer


class Interrupted(Exception):
    """The run was cancelled. Nothing more may be started; what runs is left to end or to be found again."""
