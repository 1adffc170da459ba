"""The log of a deploy, whole, of one that fails, and the words of single events."""

import re
from collections.abc import Iterable

import pytest

from director.model.tasks.events import Event, Happening
from director.report import progress
from tests.support import wants
from tests.support.deaths import Deaths
from tests.support.flow import deploying
from tests.support.simulation import Simulation


def _log(events: Iterable[Event]) -> list[str]:
    """The lines, with N for each number of seconds and addresses by their last number."""
    lines = (progress.log_line(event) for event in events)
    return [re.sub(r"\d+\.\d s", "N s", line).replace("10.0.0.", ".") for line in lines if line]


def test_the_log_of_a_deploy_names_what_a_person_knows() -> None:
    simulation = Simulation()
    deploying(wants.small())(simulation, Deaths())
    assert _log(simulation.watcher.events) == [
        "Task 0, deployment 'app': 1 secret, 2 packages, 3 instances (49 actions)",
        "secrets        password, N s",
        "package runtime compiled, N s",
        "package server compiled, N s",
        "db/0           new z1 .2, N s",
        "web/0          new (canary) z1 .3, N s",
        "web/1          new z1 .4, N s",
        "post-deploy    db/0, web/0, web/1, N s",
        "Task 0, deployment 'app': done in N s",
    ]


def test_the_log_of_a_failure_says_what_failed_once() -> None:
    simulation = Simulation(seed=4)
    deploying(wants.small())(simulation, Deaths())
    simulation.watcher.events.clear()
    simulation.agents.conditions.failing = {("start", "db/0")}
    deploying(wants.small_changed())(simulation, Deaths())
    assert _log(simulation.watcher.events) == [
        "Task 0, deployment 'app': 4 instances (60 actions)",
        "db/0           start FAILED: script-failed: start of db/0 failed.",
        "Task 0, deployment 'app': failed after N s",
    ]


def _event(happening: Happening, text: str = "", detail: str = "") -> Event:
    return Event(at=0.0, happening=happening, subject="web/0", kind="run_script", text=text, detail=detail)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (_event(Happening.FINISHED), ""),
        (_event(Happening.PROGRESS, "working"), ""),
        (_event(Happening.COMPLETED, "new z1, 3.0 s"), "web/0          new z1, 3.0 s"),
        (
            _event(Happening.FAILED, "script-failed: It failed.", detail="pre-start"),
            "web/0          pre-start FAILED: script-failed: It failed.",
        ),
        (
            _event(Happening.FAILED, "interrupted: Cut short.", detail="drain"),
            "web/0          drain was interrupted; the next plan continues",
        ),
        (_event(Happening.RETRYING, "Throttled."), "web/0          run script failed and is sent again: Throttled."),
    ],
)
def test_an_event_is_a_line_of_the_log_or_none(event: Event, line: str) -> None:
    assert progress.log_line(event) == line


def test_a_script_is_named_where_actions_are_listed() -> None:
    assert progress.event_line(_event(Happening.FINISHED, detail="post-start")) == "web/0: post-start done"
    assert progress.event_line(_event(Happening.COMPLETED, "new")) == ""
