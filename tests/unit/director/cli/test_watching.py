"""Progress beside a question."""

import io

from rich.console import Console

from director.cli.terminal import watching
from director.cli.terminal.live_watcher import LiveWatcher
from director.cli.terminal.terminal import Terminal
from director.cli.terminal.watching import LogWatcher


def test_nothing_is_drawn_over_a_question() -> None:
    watcher = LiveWatcher(Console(file=io.StringIO(), force_terminal=True, width=80))
    states = []
    with watcher.live:
        with watcher.paused():
            states.append(watcher.live.is_started)
        states.append(watcher.live.is_started)
    assert (states, watcher.live.is_started) == ([False, True], False)


def test_whoever_watches_can_be_paused_by_the_terminal() -> None:
    terminal = Terminal(is_json=True)
    with watching.watching(terminal) as watcher:
        assert isinstance(watcher, LogWatcher) and terminal.pausing == watcher.paused


def test_a_terminal_has_progress_drawn_on_it() -> None:
    terminal = Terminal(is_tty=True)
    with watching.watching(terminal) as watcher:
        assert isinstance(watcher, LiveWatcher) and terminal.pausing == watcher.paused
        assert watcher.live.is_started
    assert not watcher.live.is_started
