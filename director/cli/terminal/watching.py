"""Progress while something runs: live on a terminal, plain lines elsewhere. Never more than 2 s without a sign of life.

Takes Events, draws them on standard error.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from director.cli.terminal.terminal import Terminal
from director.model.tasks.events import Event, Happening
from director.report import cleaning, progress

_QUIET_S = 1.5
"""After this long without a line, a plain watcher says what it waits for."""
_PRINTED = {
    Happening.FAILED,
    Happening.ENDED,
    Happening.PLANNED,
    Happening.RETRYING,
    Happening.REMARK,
    Happening.PLACE,
    Happening.CLOUD,
    Happening.PROMPT,
}
"""Of these a line stays above what is drawn."""
_ROWS = 20
"""Rows drawn at most: a redraw of more costs more than it tells."""

_LONGEST = 200
"""Characters of what runs."""


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
        self._running: dict[str, tuple[float, str]] = {}
        self._spoke_at = time.monotonic()

    def report(self, event: Event) -> None:
        """Print the event, unless it is only progress (kept for the next sign of life)."""
        with self._lock:
            _follow(self._running, event)
            if event.happening not in {Happening.PROGRESS, Happening.WAITING, Happening.STARTED}:
                self._say(progress.event_line(event))

    def tick(self) -> None:
        """Called every half second or so: a sign of life if it was quiet."""
        with self._lock:
            if time.monotonic() - self._spoke_at >= _QUIET_S:
                self._say(_waiting_line(self._running))

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


class LiveWatcher:
    """Stage, bar with an estimate, and what runs with its last line; redrawn by rich four times a second."""

    def __init__(self, console: Console) -> None:
        self._catch_up: Callable[[], None] = _nothing
        self._lock = threading.Lock()
        self._running: dict[str, tuple[float, str]] = {}
        self._stage = "Looking around"
        self._done = 0
        self._total = 0
        self._began_at = time.monotonic()
        self.live = Live(console=console, get_renderable=self._draw, refresh_per_second=4, transient=True)

    def report(self, event: Event) -> None:
        """Take note; rich draws."""
        with self._lock:
            _follow(self._running, event)
            self._count(event)
        if event.happening in _PRINTED:
            line = progress.event_line(event)
            if line:
                self.live.console.print(Text(line))

    def tick(self) -> None:
        """Nothing: rich draws by itself."""

    def follow(self, catch_up: Callable[[], None]) -> None:
        """Call this before a question: what happened before it stands above it."""
        self._catch_up = catch_up

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Draw nothing within."""
        self._catch_up()
        self.live.stop()
        try:
            yield
        finally:
            self.live.start()

    def _count(self, event: Event) -> None:
        if event.happening is Happening.PLANNED:
            self._done, self._total, self._began_at = 0, event.total, time.monotonic()
        elif event.total:
            self._done, self._total = event.done, event.total
        self._stage = cleaning.clean_line(event.stage) or self._stage

    def _draw(self) -> Table:
        with self._lock:
            table = Table.grid(padding=(0, 1))
            table.add_row(Text(self._head(), style="bold"))
            table.add_row(ProgressBar(total=max(self._total, 1), completed=self._done, width=40))
            for key, (since, text) in list(self._running.items())[:_ROWS]:
                table.add_row(Text(f"  {_running_line(key, since, text)}", overflow="ellipsis", no_wrap=True))
            hidden = len(self._running) - _ROWS
            if hidden > 0:
                table.add_row(Text(f"  and {hidden} more"))
            return table

    def _head(self) -> str:
        spent_s = time.monotonic() - self._began_at
        if not self._total:
            return f"{self._stage} ({spent_s:.0f} s)"
        left_s = spent_s / self._done * (self._total - self._done) if self._done else 0
        estimate = f", about {left_s:.0f} s left" if self._done else ""
        return f"{self._stage}  {self._done}/{self._total} ({spent_s:.0f} s{estimate})"


@contextmanager
def watching(terminal: Terminal) -> Iterator[PlainWatcher | LiveWatcher]:
    """Give the watcher that fits the terminal."""
    if not terminal.is_tty or terminal.is_json:
        plain = PlainWatcher(terminal)
        terminal.pausing = plain.paused
        yield plain
        return
    watcher = LiveWatcher(Console(stderr=True, no_color=not terminal.has_color, highlight=False))
    terminal.pausing = watcher.paused
    with watcher.live:
        yield watcher


def _nothing() -> None:
    """Nothing is on its way."""


def _follow(running: dict[str, tuple[float, str]], event: Event) -> None:
    """Keep what runs: since when, and its last line."""
    key = cleaning.clean_line(f"{event.subject}: {event.kind.replace('_', ' ')}")
    match event.happening:
        case Happening.STARTED:
            running[key] = (time.monotonic(), "")
        case Happening.PROGRESS | Happening.WAITING | Happening.RETRYING:
            since = running.get(key, (time.monotonic(), ""))[0]
            running[key] = (since, cleaning.clean_line(event.text, longest=_LONGEST))
        case Happening.FINISHED | Happening.FAILED:
            running.pop(key, None)
        case Happening.PLANNED | Happening.ENDED:
            running.clear()
        case Happening.REMARK | Happening.PLACE | Happening.CLOUD | Happening.PROMPT:
            pass


def _waiting_line(running: dict[str, tuple[float, str]]) -> str:
    if not running:
        return "... observing"
    key, (since, text) = max(running.items(), key=lambda item: -item[1][0])
    return f"... {_running_line(key, since, text)}" + (f" (and {len(running) - 1} more)" if len(running) > 1 else "")


def _running_line(key: str, since: float, text: str) -> str:
    suffix = f": {text}" if text else ""
    return f"{key} {time.monotonic() - since:.0f} s{suffix}"
