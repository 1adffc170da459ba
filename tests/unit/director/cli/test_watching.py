"""Progress beside a question."""

import io
import json

import pytest
from rich.console import Console

from director.cli.terminal import watching
from director.cli.terminal.live_watcher import LiveWatcher
from director.cli.terminal.terminal import LogForm, Terminal
from director.cli.terminal.watching import LogWatcher
from director.model.tasks.events import Event, Happening
from tests.support.command import without_times

_STARTED = Event(at=0.0, happening=Happening.STARTED, subject="web/0", kind="run_script", detail="pre-start")
_FINISHED = Event(
    at=1.5, happening=Happening.FINISHED, subject="web/0", kind="run_script", detail="pre-start", done=1, total=1
)
_COMPLETED = Event(at=1.5, happening=Happening.COMPLETED, subject="web/0", text="updated, 1.5 s", done=1, total=1)


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


@pytest.mark.parametrize(
    ("log_form", "line"),
    [(LogForm.SUMMARY, "web/0          updated, 1.5 s\n"), (LogForm.ACTIONS, "[1/1] web/0: pre-start done\n")],
)
def test_the_log_has_things_or_actions(log_form: LogForm, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with watching.watching(Terminal(log_form=log_form)) as watcher:
        for event in (_STARTED, _FINISHED, _COMPLETED):
            watcher.report(event)
    captured = capsys.readouterr()
    assert (captured.out, without_times(captured.err)) == ("", line)


def test_events_and_the_result_are_a_json_object_in_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(log_form=LogForm.EVENTS, is_tty=True)
    with watching.watching(terminal) as watcher:
        watcher.report(_STARTED)
        watcher.report(_FINISHED)
    terminal.say_json({"schema": "compleat.run/1", "state": "done"})
    captured = capsys.readouterr()
    read = [json.loads(line) for line in captured.out.splitlines()]
    assert [line["schema"] for line in read] == ["compleat.event/1", "compleat.event/1", "compleat.run/1"]
    assert [(line["happening"], line["detail"], line["time"]) for line in read[:2]] == [
        ("started", "pre-start", "1970-01-01T00:00:00Z"),
        ("finished", "pre-start", "1970-01-01T00:00:01Z"),
    ]
    assert captured.err == ""
