"""A stream sends what changed; a browser that takes its messages is there, however many they are."""

import os
from itertools import count, islice

from director.model.ids import EnvironmentName
from director.model.tasks.caller import Caller
from director.model.tasks.events import Event, Happening
from director.model.tasks.task import Task
from director.page import fragments, presence, stream
from director.page.fragments import Fragments
from director.page.presence import Presence
from director.report.pages import task_view
from director.report.pages.task_log import TaskLog
from director.report.pages.task_view import TaskFacts, TaskView


class _BusyTask:
    """Something happens between any two looks, which are four seconds apart."""

    now = 0.0

    def __init__(self) -> None:
        self._log = TaskLog()
        self._numbers = count(1)

    def look(self) -> TaskView:
        _BusyTask.now += 4
        words = f"line {next(self._numbers)}"
        self._log.read((Event(at=1, happening=Happening.PROGRESS, subject="web/0", text=words),))
        return self.view()

    def view(self) -> TaskView:
        caller = Caller(who="ada", command="compleat up", at=1.0)
        task = Task(environment=EnvironmentName("e"), caller=caller, number=7)
        return task_view.view_of(TaskFacts(task=task, is_alive=True, plans=()), self._log, now=10.0)


def test_a_browser_that_takes_many_messages_has_not_left_when_the_command_ends() -> None:
    reading, writing = os.pipe()
    seen = Presence(reading, now=lambda: _BusyTask.now)
    rendered = Fragments(fragments.environment())
    messages = stream.changes(_BusyTask(), rendered, presence=seen, program="compleat")
    assert all(message.startswith("data: ") for message in islice(messages, 4))
    os.close(writing)
    assert not seen.look()
    _BusyTask.now += presence.LEFT_S + 1
    assert seen.look()
    os.close(reading)
