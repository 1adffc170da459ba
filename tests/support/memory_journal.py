"""A Journal in memory: lines of JSON that survive the process, a torn last one left aside."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from director.edge.state import plan_document, work_documents
from director.errors import StateError
from director.model import as_data
from director.model.ids import EnvironmentName, OwnerName, RunId
from director.model.tasks.entries import Done, Entry, Run
from director.model.tasks.plan import Plan
from director.model.tasks.task import TaskState
from director.ports.state_store import Lease
from tests.support.deaths import Deaths
from tests.support.memory_store import MemoryStore


@dataclass(slots=True)
class JournalDisk:
    """Runs as JSON, how they ended, their entries as lines. `room` is how many more lines fit, None: endless."""

    runs: dict[RunId, str] = field(default_factory=dict)
    ends: dict[RunId, tuple[TaskState, str, float]] = field(default_factory=dict)
    lines: dict[RunId, list[str]] = field(default_factory=dict)
    room: int | None = None


class MemoryJournal:
    """Implements Journal."""

    def __init__(
        self, store: MemoryStore, disk: JournalDisk | None = None, *, deaths: Deaths | None = None, tears: bool = False
    ) -> None:
        self.disk = disk or JournalDisk()
        self._store = store
        self._deaths = deaths or Deaths()
        self._tears = tears

    def begin_run(self, lease: Lease, run: Run) -> Run:
        self._store.check_lease(lease)
        self._deaths.passing("journal: before begin")
        numbered = replace(run, number=len(self.disk.runs) + 1)
        self._take_room(1)
        self.disk.runs[run.id] = _to_text(numbered)
        self.disk.lines[run.id] = []
        self._deaths.passing("journal: after begin")
        return numbered

    def append(self, lease: Lease, run: RunId, entries: Sequence[Entry]) -> None:
        self._store.check_lease(lease)
        self._deaths.passing("journal: before append")
        self._take_room(len(entries))
        lines = [json.dumps(as_data.encode(entry)) for entry in entries]
        if self._tears and lines:
            self._write_torn(run, lines)
        self.disk.lines[run].extend(lines)
        self._deaths.passing(f"journal: after append of {'+'.join(sorted({entry.type for entry in entries}))}")

    def end_run(self, lease: Lease, run: RunId, *, state: TaskState, result: str, ended_at: float) -> None:
        self._store.check_lease(lease)
        self._deaths.passing("journal: before end")
        self.disk.ends[run] = (state, result, ended_at)
        self._deaths.passing("journal: after end")

    def unfinished_run(self, environment: EnvironmentName, deployment: OwnerName) -> Run | None:
        for run_id in reversed(self.disk.runs):
            if run_id not in self.disk.ends:
                run = self._load(run_id)
                if (run.environment, run.deployment) == (environment, deployment):
                    return run
        return None

    def open_runs(self, environment: EnvironmentName) -> tuple[Run, ...]:
        runs = [self._load(run_id) for run_id in self.disk.runs if run_id not in self.disk.ends]
        return tuple(run for run in runs if run.environment == environment)

    def read_entries(self, run: RunId) -> tuple[Entry, ...]:
        lines = self.disk.lines.get(run, [])
        whole = [line for line in lines if line.endswith("}")]
        assert whole == lines[: len(whole)], "only the last record may be torn"
        return tuple(_read_entry(line) for line in whole)

    def read_done(self, environment: EnvironmentName, kind: str, *, after: int = 0) -> tuple[Done, ...]:
        runs = [run for run in map(self._load, self.disk.runs) if run.environment == environment and run.number > after]
        entries = [entry for run in runs for entry in self.read_entries(run.id)]
        return tuple(each for each in entries if isinstance(each, Done) and each.kind == kind)

    def list_runs(
        self, environment: EnvironmentName, *, deployment: OwnerName | None = None, limit: int = 30
    ) -> tuple[Run, ...]:
        runs = [self._load(run_id) for run_id in reversed(self.disk.runs)]
        ours = [run for run in runs if run.environment == environment and deployment in (None, run.deployment)][:limit]
        return tuple(map(_without_plan, ours))

    def runs_of_task(self, task: int) -> tuple[Run, ...]:
        runs = [run for run in map(self._load, self.disk.runs) if run.task == task]
        return tuple(map(_without_plan, runs))

    def find_run(self, run: RunId) -> Run | None:
        return _without_plan(self._load(run)) if run in self.disk.runs else None

    def load_run(self, environment: EnvironmentName, number: int) -> Run | None:
        runs = [self._load(run_id) for run_id in self.disk.runs]
        return next((run for run in runs if (run.environment, run.number) == (environment, number)), None)

    def _load(self, run_id: RunId) -> Run:
        run = _read_run(self.disk.runs[run_id])
        if run_id not in self.disk.ends:
            return run
        state, result, ended_at = self.disk.ends[run_id]
        return replace(run, state=state, result=result, ended_at=ended_at)

    def _take_room(self, lines: int) -> None:
        if self.disk.room is not None:
            if self.disk.room < lines:
                raise StateError("disk-full", "The disk that holds the journal is full.", fix="Free some space.")
            self.disk.room -= lines

    def _write_torn(self, run: RunId, lines: list[str]) -> None:
        """Die while writing: the last line stands there in part."""
        try:
            self._deaths.passing("journal: torn append")
        except BaseException:
            self.disk.lines[run].extend([*lines[:-1], lines[-1][: len(lines[-1]) // 2]])
            raise


def _without_plan(run: Run) -> Run:
    return replace(run, plan=Plan(run=run.id, environment=run.environment, deployment=run.deployment))


def _to_text(run: Run) -> str:
    return json.dumps(as_data.encode(run))


@lru_cache(maxsize=256)
def _read_run(text: str) -> Run:
    """A sweep that ends a command at each of its steps reads the same texts some hundred times."""
    data = json.loads(text)
    return as_data.decode(Run, {**data, "plan": plan_document.decode(data["plan"])})


@lru_cache(maxsize=4096)
def _read_entry(line: str) -> Entry:
    data = json.loads(line)
    return work_documents.decode_entry(data["type"], data)
