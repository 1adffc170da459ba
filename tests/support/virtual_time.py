"""Time that passes only when someone waits, and a Runner that keeps it.

Takes calls, gives their answers in an order that its seed decides; hours take milliseconds.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from director.model.ids import ActionId
from director.ports.runner import Answer, Broken, Finished, Interrupted

_SPREAD_S = 0.02
"""Calls started together have their effect in any order within this time."""


@dataclass(slots=True)
class VirtualTime:
    """A Clock. Fakes spend the seconds their calls take; they pass before the call's answer comes.

    `interrupt_at` is when a person asks to stop.
    """

    at: float = 1_000_000.0
    spent: float = 0.0
    interrupt_at: float | None = None

    def now(self) -> float:
        return self.at

    def spend(self, seconds: float) -> None:
        self.spent += seconds


@dataclass(slots=True)
class VirtualRunner:
    """Implements Runner. A call has its effect soon after its start and answers when its time is spent."""

    time: VirtualTime
    random: random.Random
    _events: list[tuple[float, int, "_Event"]] = field(default_factory=list)
    _count: int = 0

    def start(self, action: ActionId, call: Callable[[], Answer]) -> None:
        self._push(self.time.at + self.random.random() * _SPREAD_S, _Event(action=action, call=call))

    def wait(self, until: float | None) -> tuple[Finished, ...]:
        while self._events and (until is None or self._events[0][0] <= until):
            self.time.at, _, event = heapq.heappop(self._events)
            if self.time.interrupt_at is not None and self.time.at >= self.time.interrupt_at:
                raise Interrupted
            if event.call is None:
                assert event.answer is not None
                return (Finished(action=event.action, answer=event.answer),)
            self.time.spent = 0.0
            answer = _answer(event.call)
            self._push(self.time.at + self.time.spent, _Event(action=event.action, answer=answer))
        assert until is not None, "waiting for ever: nothing runs and there is no time to wake at"
        self.time.at = max(self.time.at, until)
        return ()

    def check(self) -> None:
        if self.time.interrupt_at is not None and self.time.at >= self.time.interrupt_at:
            raise Interrupted

    def cancel(self) -> bool:
        self.time.interrupt_at = self.time.at
        return bool(self._events)

    def now(self) -> float:
        return self.time.at

    def _push(self, at: float, event: "_Event") -> None:
        self._count += 1
        heapq.heappush(self._events, (at, self._count, event))


@dataclass(slots=True, kw_only=True)
class _Event:
    """Either a call that is to have its effect, or an answer that is to come."""

    action: ActionId
    call: Callable[[], Answer] | None = None
    answer: Answer | Broken | None = None


def _answer(call: Callable[[], Answer]) -> Answer | Broken:
    """Death passes: it is no Exception, and no process is left to report it."""
    try:
        return call()
    except Exception as error:
        return Broken(error=error)
