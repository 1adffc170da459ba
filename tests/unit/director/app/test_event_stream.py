"""What the watcher shows of a task's log, and what the log keeps."""

from collections.abc import Sequence

from director.app.wiring.event_stream import EventStream
from director.errors import StateError
from director.model.tasks.events import Event, Happening
from tests.support.memory_events import MemoryEvents
from tests.support.virtual_time import VirtualTime

TIME = 1_000_000.0


class FullLog(MemoryEvents):
    """A log whose disk is full."""

    def append_events(self, task: int, events: Sequence[Event]) -> None:
        raise StateError("disk-full", "No space left.")


class Watched:
    """A stream, and what was shown of it."""

    def __init__(self, log: MemoryEvents | None = None) -> None:
        self.log = log or MemoryEvents()
        self.time = VirtualTime(at=TIME)
        self.shown: list[Event] = []
        self.stream = EventStream(self.log, 3, show=self.shown.append, clock=self.time)

    def report(self, *events: Event) -> None:
        for event in events:
            self.stream.report(event)


def _event(happening: Happening, text: str = "", subject: str = "web/0") -> Event:
    return Event(at=1.0, happening=happening, subject=subject, kind="apply", text=text)


def test_nothing_is_shown_before_it_is_on_record_and_then_in_order() -> None:
    watched = Watched()
    reported = [_event(Happening.PLANNED), _event(Happening.STARTED), _event(Happening.FINISHED)]
    watched.report(*reported)
    assert watched.shown == []
    watched.stream.pump()
    assert (watched.shown, watched.log.written) == (reported, [(3, tuple(reported))])
    watched.stream.pump()
    assert len(watched.log.written) == 1


def test_what_another_wrote_into_the_tasks_log_is_shown_too() -> None:
    watched = Watched()
    other, own = _event(Happening.REMARK, "from elsewhere"), _event(Happening.STARTED)
    watched.log.append_events(3, [other])
    watched.report(own)
    watched.stream.pump()
    assert watched.shown == [other, own]


def test_of_progress_the_last_line_of_each_action_is_kept_once_a_second() -> None:
    watched = Watched()
    watched.report(_event(Happening.STARTED))
    watched.stream.pump()
    watched.report(*(_event(Happening.PROGRESS, str(line)) for line in range(1000)))
    watched.report(_event(Happening.WAITING, "for db", subject="db/0"))
    watched.time.at += 0.5
    watched.stream.pump()
    assert len(watched.log.written) == 1
    watched.time.at += 0.6
    watched.stream.pump()
    assert [(each.subject, each.text) for each in watched.log.written[1][1]] == [("web/0", "999"), ("db/0", "for db")]


def test_progress_of_what_has_ended_is_dropped() -> None:
    watched = Watched()
    ended, waits = _event(Happening.FAILED, "denied: No."), _event(Happening.WAITING, "for it", subject="db/0")
    watched.report(_event(Happening.PROGRESS, "nearly"), waits, ended)
    watched.stream.pump()
    assert watched.shown == [ended]
    watched.stream.pump(is_last=True)
    assert watched.shown == [ended, waits]


def test_the_last_pump_holds_nothing_back() -> None:
    watched = Watched()
    watched.report(_event(Happening.STARTED))
    watched.stream.pump()
    watched.report(_event(Happening.PROGRESS, "one more"))
    watched.stream.pump(is_last=True)
    assert [each.text for each in watched.shown] == ["", "one more"]


def test_a_text_is_kept_to_a_bound() -> None:
    watched = Watched()
    watched.report(_event(Happening.REMARK, "x" * 5000))
    watched.stream.pump()
    assert [len(each.text) for each in watched.shown] == [1000]


def test_what_cannot_be_written_down_is_shown_all_the_same() -> None:
    watched = Watched(FullLog())
    reported = [_event(Happening.STARTED), _event(Happening.FINISHED)]
    for event in reported:
        watched.report(event)
        watched.stream.pump()
    assert watched.shown == reported
