"""What a cloud's plugin reports during a call reaches the watcher."""

import pytest

from director.app.wiring.cloud_progress import CloudProgress
from director.cli.terminal.terminal import Terminal
from director.cli.terminal.watching import LogWatcher, Prompts, Remarks
from tests.support.command import without_times
from tests.support.virtual_time import VirtualTime
from tests.support.watchers import ListWatcher

LINES = {
    Prompts: "azure: Enter the code ABCD.\n",
    Remarks: "azure: Enter the code ABCD.\n",
    LogWatcher: "azure: Enter the code ABCD.\nazure: 1 of 2 MiB sent.\n",
}


@pytest.mark.parametrize("kind", LINES)
def test_what_a_person_must_do_is_shown_by_every_watcher(
    kind: type[Prompts | LogWatcher], capsys: pytest.CaptureFixture[str]
) -> None:
    _tell(kind(Terminal()))
    assert without_times(capsys.readouterr().err) == LINES[kind]


def test_events_carry_the_cloud_and_the_time() -> None:
    watcher = ListWatcher()
    _tell(watcher)
    assert [(event.subject, event.happening.value, event.at) for event in watcher.events] == [
        ("azure", "prompt", VirtualTime().now()),
        ("azure", "cloud", VirtualTime().now()),
    ]


def _tell(watcher: ListWatcher | Prompts | LogWatcher) -> None:
    progress = CloudProgress(watcher, VirtualTime(), "azure")
    progress.prompt("Enter the code ABCD.")
    progress.report("1 of 2 MiB sent.")
