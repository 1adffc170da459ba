"""Progress while something runs: live on a terminal, a log elsewhere. Never more than 30 s without a sign of life.

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
from director.cli.terminal.terminal import LogForm, Terminal
from director.model.tasks.events import Event, Happening
from director.report import progress

_EVENT_SCHEMA = "compleat.event/1"
_DOWNLOAD = "download"
_LONG_S = 5.0
"""Between two lines of a command that only looks, about how far its downloads are."""
_QUIET_S = {LogForm.SUMMARY: 30.0, LogForm.ACTIONS: 1.5}
"""After this long without a line, the log says what it waits for."""


class Prompts:
    """For commands that are over at once: only what a person must do is shown."""

    shown = frozenset({Happening.PROMPT})

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._spoke_at = 0.0

    def report(self, event: Event) -> None:
        """Print the event if it is one that is shown; of a download that takes long how far it is."""
        is_shown = event.happening in self.shown
        if event.kind == _DOWNLOAD and event.happening is Happening.PROGRESS and event.at - self._spoke_at >= _LONG_S:
            is_shown, self._spoke_at = self._spoke_at > 0.0, event.at
        if is_shown:
            self._terminal.note([progress.event_line(event)])

    def tick(self) -> None:
        """Nothing."""


class Remarks(Prompts):
    """For commands that only look, and may meet what is worth knowing."""

    shown = frozenset({Happening.PROMPT, Happening.REMARK})


class EventsWatcher:
    """A JSON object for each event, on a line of its own."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def report(self, event: Event) -> None:
        """Print the event."""
        if event.happening is Happening.PROMPT:
            self._terminal.note([progress.event_line(event)])
        self._terminal.say_json({"schema": _EVENT_SCHEMA, **progress.event_row(event)})

    def tick(self) -> None:
        """Nothing: what a machine reads needs no sign of life."""

    def follow(self, catch_up: Callable[[], None]) -> None:
        """Nothing: no question stands between events."""


class LogWatcher:
    """A line with its time for each thing that is done or failed; and what is waited for when nothing happens."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._quiet_s = _QUIET_S[terminal.log_form]
        self._line = progress.event_line if terminal.log_form is LogForm.ACTIONS else progress.log_line
        self._catch_up: Callable[[], None] = _nothing
        self._lock = threading.Lock()
        self._running: RunningActions = {}
        self._spoke_at = time.monotonic()

    def report(self, event: Event) -> None:
        """Print the event, unless it is only progress (kept for the next sign of life)."""
        with self._lock:
            running_actions.note_event(self._running, event)
            if event.happening not in {Happening.PROGRESS, Happening.WAITING, Happening.STARTED}:
                self._say(self._line(event))

    def tick(self) -> None:
        """Called every half second or so: a sign of life if it was quiet."""
        with self._lock:
            if time.monotonic() - self._spoke_at >= self._quiet_s:
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
            self._terminal.note([f"{time.strftime('%H:%M:%S')}  {line}"])
            self._spoke_at = time.monotonic()


class Drawing(Protocol):
    """What live_watcher offers: see its `drawn`."""

    def drawn(self, terminal: Terminal) -> AbstractContextManager[FollowingWatcher]: ...


@contextmanager
def watching(terminal: Terminal) -> Iterator[FollowingWatcher]:
    """Give the watcher that fits the terminal. rich is slow to import, so only a terminal makes it come."""
    if terminal.log_form is LogForm.EVENTS:
        yield EventsWatcher(terminal)
        return
    if not terminal.is_tty or terminal.is_json:
        plain = LogWatcher(terminal)
        terminal.pausing = plain.paused
        yield plain
        return
    drawing = cast(Drawing, importlib.import_module("director.cli.terminal.live_watcher"))
    with drawing.drawn(terminal) as watcher:
        yield watcher


def _nothing() -> None:
    """Nothing is on its way."""
