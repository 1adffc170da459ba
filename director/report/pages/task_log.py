"""What a task's events say so far.

Takes events in order, keeps what the page needs of them.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import field
from decimal import Decimal, InvalidOperation

from cpi.contract.value_classes import dataclass
from director.model.ids import ActionId
from director.model.report import ReportLine
from director.model.tasks.action_progress import NOT_BEGUN, ActionProgress, ProgressState
from director.model.tasks.events import Event, Happening
from director.report import cleaning, progress

_LINES = 30
"""So many of the last lines are shown."""

_STATES = {
    Happening.STARTED: ProgressState.RUNNING,
    Happening.PROGRESS: ProgressState.RUNNING,
    Happening.WAITING: ProgressState.RUNNING,
    Happening.RETRYING: ProgressState.RUNNING,
    Happening.FINISHED: ProgressState.DONE,
    Happening.FAILED: ProgressState.FAILED,
}
_ENDED = frozenset({ProgressState.DONE, ProgressState.FAILED})


@dataclass(slots=True)
class TaskLog:
    """`progresses` by action; `lines` are the last ones with their time; `hourly` the price of what will last.

    `plans` counts the plans that were begun; `created_at` is when the first VM was there.
    """

    progresses: dict[ActionId, ActionProgress] = field(default_factory=dict)
    lines: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=_LINES))
    report: list[ReportLine] = field(default_factory=list)
    hourly: dict[str, Decimal] = field(default_factory=dict)
    plans: int = 0
    created_at: float | None = None

    def read(self, events: Iterable[Event]) -> None:
        """Take further events in."""
        for event in events:
            self._read_one(event)

    def _read_one(self, event: Event) -> None:
        line = progress.event_line(event)
        if line:
            self.lines.append((event.at, line))
        match event.happening:
            case Happening.PLANNED:
                self.plans += 1
            case Happening.REPORT:
                self.report.append(_report_line(event))
            case Happening.PRICE:
                self._price(event)
            case _ if event.action is not None and event.happening in _STATES:
                self._advance(event.action, event)

    def _advance(self, action: ActionId, event: Event) -> None:
        known, state = self.progresses.get(action, NOT_BEGUN), _STATES[event.happening]
        if known.state in _ENDED:
            return  # a late line of what is over
        self.progresses[action] = ActionProgress(
            state=state,
            begun_at=event.at if known.begun_at is None else known.begun_at,
            ended_at=event.at if state in _ENDED else None,
            text=event.text if event.text and event.happening is not Happening.STARTED else known.text,
        )
        if event.kind == "create_vm" and state is ProgressState.DONE and self.created_at is None:
            self.created_at = event.at

    def _price(self, event: Event) -> None:
        try:
            self.hourly[cleaning.clean_line(event.subject, longest=8)] = Decimal(event.text)
        except InvalidOperation:
            return


def _report_line(event: Event) -> ReportLine:
    return ReportLine(
        name=cleaning.clean_line(event.subject),
        value=cleaning.clean_line(event.text),
        problem=cleaning.clean_line(event.stage),
        is_secret=event.kind == "secret",
    )
