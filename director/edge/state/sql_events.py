"""The EventLog port for real: events in SQLite, those written together in one sealed row.

Takes and gives values of director.model.tasks.events.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from cpi.contract.values import JsonValue
from director.edge.secrets.sealing import RowPlace
from director.edge.state import sql_database, sql_refusals
from director.edge.state.sql_database import Database, Row
from director.model import as_data
from director.model.tasks.events import Event, EventPage, Happening

_OTHERS = tuple(field.name for field in fields(Event) if field.name not in {"at", "happening"})

_AFTER = "SELECT number, document FROM events WHERE task = :task AND number > :cursor ORDER BY number"


class SqlEvents:
    """A cursor is the number of a row. Rows are never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append_events(self, task: int, events: Sequence[Event]) -> None:
        """Write the events down, all or none."""
        if not events:
            return
        data: JsonValue = {"events": [_encode(event) for event in events]}
        with self._database.transaction() as connection:
            number = sql_database.next_number(connection, "events")
            document = self._database.documents.seal(data, _place(task, number))
            sql_database.insert(connection, "events", {"number": number, "task": task, "document": document})

    def events_after(self, task: int, cursor: int) -> EventPage:
        """What the task's log has after the cursor."""
        with self._database.reading() as connection:
            rows = connection.execute(_AFTER, {"task": task, "cursor": cursor}).fetchall()
        events = tuple(event for row in rows for event in self._read(row, task))
        return EventPage(events=events, cursor=int(str(rows[-1]["number"])) if rows else cursor)

    def _read(self, row: Row, task: int) -> tuple[Event, ...]:
        place, whose = _place(task, int(str(row["number"]))), f"events of task {task}"
        data = self._database.documents.open_map(row["document"], place, whose=whose)
        with sql_refusals.refusing_damage(self._database.path, whose):
            return tuple(map(_decode, _items(data.get("events"))))


def _place(task: int, number: int) -> RowPlace:
    return RowPlace(table="events", column="document", key=(str(task), str(number)))


def _encode(event: Event) -> JsonValue:
    """What the event has; what is empty is left out. By hand, as there are thousands: a third of what as_data takes."""
    data: dict[str, JsonValue] = {"at": event.at, "happening": event.happening.value}
    for name in _OTHERS:
        value = getattr(event, name)
        if value:
            data[name] = value
    return data


def _decode(data: Any) -> Event:
    """Raises ValueError for what `_encode` did not write, UnknownPartError for what a newer version wrote."""
    try:
        unknown = set(data) - {"at", "happening", *_OTHERS}
        if unknown:
            raise as_data.UnknownPartError(f"Event has no {min(unknown)!r}")
        return Event(**{**data, "happening": as_data.decode(Happening, data["happening"])})
    except (TypeError, KeyError) as error:
        raise ValueError(f"no event: {error}") from error


def _items(data: JsonValue) -> list[JsonValue]:
    if not isinstance(data, list):
        raise ValueError("expected a list of events")
    return data
