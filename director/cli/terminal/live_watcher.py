"""Progress drawn on a terminal, with rich. Only `watching` imports this module, and only where there is a terminal.

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

from director.cli.terminal import running_actions
from director.cli.terminal.running_actions import RunningActions
from director.cli.terminal.terminal import LogForm, Terminal
from director.model.tasks.events import Event, Happening
from director.report import cleaning, progress

_PRINTED = {
    Happening.FAILED,
    Happening.COMPLETED,
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


class LiveWatcher:
    """Stage, bar with an estimate, and what runs with its last line; redrawn by rich four times a second."""

    def __init__(self, console: Console, *, log_form: LogForm = LogForm.SUMMARY) -> None:
        is_of_actions = log_form is LogForm.ACTIONS
        self._line = progress.event_line if is_of_actions else progress.log_line
        self._printed = _PRINTED | {Happening.FINISHED} if is_of_actions else _PRINTED
        self._catch_up: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._running: RunningActions = {}
        self._stage = "Looking around"
        self._done = 0
        self._total = 0
        self._began_at = time.monotonic()
        self.live = Live(console=console, get_renderable=self._draw, refresh_per_second=4, transient=True)

    def report(self, event: Event) -> None:
        """Take note; rich draws."""
        with self._lock:
            running_actions.note_event(self._running, event)
            self._count(event)
        line = self._line(event) if event.happening in self._printed else ""
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
                table.add_row(
                    Text(f"  {running_actions.running_line(key, since, text)}", overflow="ellipsis", no_wrap=True)
                )
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
def drawn(terminal: Terminal) -> Iterator[LiveWatcher]:
    """A watcher that draws until the end of the context."""
    console = Console(stderr=True, no_color=not terminal.has_color, highlight=False)
    watcher = LiveWatcher(console, log_form=terminal.log_form)
    terminal.pausing = watcher.paused
    with watcher.live:
        yield watcher
