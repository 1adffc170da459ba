"""The Journal port for real: runs and their entries in SQLite.

Takes and gives values of director.model.tasks.entries.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cpi.contract.values import JsonValue
from director.edge.secrets.sealing import RowPlace
from director.edge.state import plan_document, sql_database, sql_documents
from director.edge.state.sql_database import Database, Row
from director.edge.state.sql_leases import check_lease
from director.model import as_data
from director.model.ids import EnvironmentName, OwnerName, RunId
from director.model.tasks.entries import Done, Entry, Run
from director.model.tasks.plan import Plan
from director.model.tasks.task import TaskState
from director.ports.state_store import Lease

_WHOLE = "SELECT number, id, document, plan FROM runs"
_OPEN = f"{_WHOLE} WHERE environment = ? AND state = ?"
_LISTED = """
    SELECT number, document FROM runs WHERE environment = ? AND (? IS NULL OR deployment = ?)
    ORDER BY number DESC LIMIT ?
"""
_DONE = """
    SELECT entries.number, entries.run, entries.type, entries.document
    FROM entries JOIN runs ON runs.id = entries.run
    WHERE runs.environment = ? AND runs.number > ? AND entries.type = 'done'
    ORDER BY entries.number
"""


class SqlJournal:
    """Each append is one transaction, synced before it returns: entries are there whole or not at all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin_run(self, lease: Lease, run: Run) -> Run:
        """Write the run and its whole plan down; gives it with its number."""
        values = {
            "id": run.id,
            "environment": run.environment,
            "deployment": run.deployment,
            "state": run.state.value,
            "task": run.task,
            "document": json.dumps(_head(run)),
            "plan": self._database.documents.seal(plan_document.encode(run.plan), _plan_place(run.id)),
        }
        with self._database.transaction() as connection:
            check_lease(connection, lease)
            number = sql_database.insert(connection, "runs", values)
        return replace(run, number=number)

    def append(self, lease: Lease, run: RunId, entries: Sequence[Entry]) -> None:
        """Write entries, all or none."""
        if not entries:
            return
        with self._database.transaction() as connection:
            check_lease(connection, lease)
            for number, entry in enumerate(entries, sql_database.next_number(connection, "entries")):
                sql_database.insert(connection, "entries", self._entry_row(run, number, entry))

    def end_run(self, lease: Lease, run: RunId, *, state: TaskState, result: str, ended_at: float) -> None:
        """The run is over."""
        with self._database.transaction() as connection:
            check_lease(connection, lease)
            row = connection.execute("SELECT document FROM runs WHERE id = ?", (run,)).fetchone()
            ended = {"state": state.value, "result": result, "ended_at": ended_at}
            document = json.dumps({**json.loads(row["document"]), **ended} if row else {})
            update = "UPDATE runs SET state = ?, document = ? WHERE id = ?"
            connection.execute(update, (state.value, document, run))

    def unfinished_run(self, environment: EnvironmentName, deployment: OwnerName) -> Run | None:
        """The run that a crash left open, or None."""
        query = f"{_OPEN} AND deployment = ? ORDER BY number DESC LIMIT 1"
        row = self._first(query, (environment, TaskState.PROCESSING.value, deployment))
        return self._whole(row) if row else None

    def open_runs(self, environment: EnvironmentName) -> tuple[Run, ...]:
        """All runs of the environment that have no end."""
        rows = self._all(f"{_OPEN} ORDER BY number", (environment, TaskState.PROCESSING.value))
        return tuple(self._whole(row) for row in rows)

    def read_entries(self, run: RunId) -> tuple[Entry, ...]:
        """All entries in the order written."""
        rows = self._all("SELECT number, type, document FROM entries WHERE run = ? ORDER BY number", (run,))
        return tuple(self._entry(row, run) for row in rows)

    def read_done(self, environment: EnvironmentName, kind: str, *, after: int = 0) -> tuple[Done, ...]:
        """What was done of one kind of work in the environment's runs with a number above `after`, in that order."""
        rows = self._all(_DONE, (environment, after))
        entries = [self._entry(row, RunId(str(row["run"]))) for row in rows]
        return tuple(each for each in entries if isinstance(each, Done) and each.kind == kind)

    def list_runs(
        self, environment: EnvironmentName, *, deployment: OwnerName | None = None, limit: int = 30
    ) -> tuple[Run, ...]:
        """The newest first, without their plans."""
        rows = self._all(_LISTED, (environment, deployment, deployment, limit))
        return tuple(self._without_plan(row) for row in rows)

    def runs_of_task(self, task: int) -> tuple[Run, ...]:
        """The task's runs, oldest first, without their plans."""
        rows = self._all("SELECT number, document FROM runs WHERE task = ? ORDER BY number", (task,))
        return tuple(self._without_plan(row) for row in rows)

    def find_run(self, run: RunId) -> Run | None:
        """The run of that id, without its plan, or None."""
        row = self._first("SELECT number, document FROM runs WHERE id = ?", (run,))
        return self._without_plan(row) if row else None

    def load_run(self, environment: EnvironmentName, number: int) -> Run | None:
        """One run with its plan, or None."""
        row = self._first(f"{_WHOLE} WHERE environment = ? AND number = ?", (environment, number))
        return self._whole(row) if row else None

    def _first(self, query: str, values: tuple[object, ...]) -> Row | None:
        return next(iter(self._all(query, values)), None)

    def _all(self, query: str, values: tuple[object, ...]) -> Sequence[Row]:
        with self._database.reading() as connection:
            return connection.execute(query, values).fetchall()

    def _whole(self, row: Row) -> Run:
        place, whose = _plan_place(str(row["id"])), f"task {row['number']}'s plan"
        return replace(
            self._without_plan(row), plan=self._database.documents.open_plan(row["plan"], place, whose=whose)
        )

    def _without_plan(self, row: Row) -> Run:
        whose = f"task {row['number']}"
        run = sql_documents.read_value(Run, str(row["document"]), self._database.path, whose=whose)
        return replace(run, number=int(str(row["number"])))

    def _entry_row(self, run: RunId, number: int, entry: Entry) -> Mapping[str, object]:
        """The number is known before the row is there, because it is part of what seals the document."""
        document = self._database.documents.seal(as_data.encode(entry), _entry_place(run, number))
        return {"number": number, "run": run, "type": entry.type, "document": document}

    def _entry(self, row: Row, run: RunId) -> Entry:
        place = _entry_place(run, int(str(row["number"])))
        whose = f"an entry of task '{run}'"
        return self._database.documents.open_entry(str(row["type"]), row["document"], place, whose=whose)


def _plan_place(run: str) -> RowPlace:
    return RowPlace(table="runs", column="plan", key=(run,))


def _entry_place(run: str, number: int) -> RowPlace:
    return RowPlace(table="entries", column="document", key=(run, str(number)))


def _head(run: Run) -> dict[str, JsonValue]:
    """The run without its plan, which has a column of its own so that lists need not read it."""
    empty = replace(run, plan=_empty_plan(run))
    data = as_data.encode(empty)
    assert isinstance(data, dict)
    return data


def _empty_plan(run: Run) -> Plan:
    return Plan(run=run.id, environment=run.environment, deployment=run.deployment)
