"""Progress while something runs: live on a terminal, plain lines elsewhere. Never more than 2 s without a sign of life.

Takes Events, draws them on standard error.
"""

import importlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, cast

from director.app.wiring.sessions import FollowingWatcher
from director.cli.terminal import running_actions
from director.cli.terminal.running_actions import RunningActions
from director.cli.terminal.terminal import Terminal
from director.model.tasks.events import Event, Happening
from director.report import progress

_QUIET_S = 1.5
"""After this long without a line, a plain watcher says what it waits for."""


class Prompts:
    """For commands that are over at once: only what a person must do is shown."""

    shown = frozenset({Happening.PROMPT})

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def report(self, event: Event) -> None:
        """Print the event if it is one that is shown."""
        if event.happening in self.shown:
            self._terminal.note([progress.event_line(event)])

    def tick(self) -> None:
        """Nothing."""


class Remarks(Prompts):
    """For commands that only look, and may meet what is worth knowing."""

    shown = frozenset({Happening.PROMPT, Happening.REMARK})


class PlainWatcher:
    """A line for each action begun, failed or done with effect; and what is waited for when nothing happens."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._catch_up: Callable[[], None] = _nothing
        self._lock = threading.Lock()
        self._running: RunningActions = {}
        self._spoke_at = time.monotonic()

    def report(self, event: Event) -> None:
        """Print the event, unless it is only progress (kept for the next sign of life)."""
        with self._lock:
            running_actions.note_event(self._running, event)
            if event.happening not in {Happening.PROGRESS, Happening.WAITING, Happening.STARTED}:
                self._say(progress.event_line(event))

    def tick(self) -> None:
        """Called every half second or so: a sign of life if it was quiet."""
        with self._lock:
            if time.monotonic() - self._spoke_at >= _QUIET_S:
                self._say(running_actions.waiting_line(self._running))

    def follow(self, catch_up: Callable[[], None]) -> None:
        """Call this before a question: what happened before it stands above it."""
        self._catch_up = catch_up

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Say nothing within."""
        self._catch_up()
        with self._lock:
            yield

    def _say(self, line: str) -> None:
        if line:
            self._terminal.note([line])
            self._spoke_at = time.monotonic()


class Drawing(Protocol):
    """What live_watcher offers: see its `drawn`."""

    def drawn(self, terminal: Terminal) -> AbstractContextManager[FollowingWatcher]: ...


@contextmanager
def watching(terminal: Terminal) -> Iterator[FollowingWatcher]:
    """Give the watcher that fits the terminal. rich is slow to import, so only a terminal makes it come."""
    if not terminal.is_tty or terminal.is_json:
        plain = PlainWatcher(terminal)
        terminal.pausing = plain.paused
        yield plain
        return
    drawing = cast(Drawing, importlib.import_module("director.cli.terminal.live_watcher"))
    with drawing.drawn(terminal) as watcher:
        yield watcher


def _nothing() -> None:
    """Nothing is on its way."""
