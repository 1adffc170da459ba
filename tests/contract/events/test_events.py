"""What every EventLog promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from director.model.ids import ActionId
from director.model.tasks.events import Event, EventPage, Happening
from director.ports.events import EventLog
from tests.contract.state_store.stores import STORES

BEGUN = Event(
    at=1.0,
    happening=Happening.STARTED,
    stage="Creating missing vms",
    subject="web/0",
    kind="create_vm",
    action=ActionId("r1/create_vm/web-0"),
    text="new instance",
    total=2,
)
DONE = Event(at=2.0, happening=Happening.FINISHED, subject="web/0", kind="create_vm", done=1, total=2)
REMARK = Event(at=3.0, happening=Happening.REMARK, kind="cost", text="€ 3")


@pytest.fixture(params=STORES)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    stores = STORES[request.param](tmp_path)
    yield stores.events
    stores.close()


def test_a_log_never_written_is_empty_and_its_cursor_stays(log: EventLog) -> None:
    assert (log.events_after(1, 0), log.events_after(1, 7)) == (EventPage(cursor=0), EventPage(cursor=7))


def test_whoever_goes_on_from_a_cursor_meets_each_event_once_and_whole(log: EventLog) -> None:
    log.append_events(1, [BEGUN])
    first = log.events_after(1, 0)
    log.append_events(2, [REMARK])
    log.append_events(1, [DONE, REMARK])
    log.append_events(1, [])
    rest = log.events_after(1, first.cursor)
    assert (first.events, rest.events) == ((BEGUN,), (DONE, REMARK))
    assert log.events_after(1, rest.cursor) == EventPage(cursor=rest.cursor)
    assert log.events_after(1, 0) == EventPage(events=(BEGUN, DONE, REMARK), cursor=rest.cursor)
    assert log.events_after(2, 0).events == (REMARK,)
