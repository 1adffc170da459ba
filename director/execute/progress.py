"""Reports the events of a run to its watcher.

Takes entries and calls, gives events.
"""

from collections.abc import Iterable
from dataclasses import replace

from director.execute.engine import StepCall
from director.execute.milestones import Milestone
from director.model.tasks.entries import Done, Failed, Failure
from director.model.tasks.events import Event, Happening
from director.model.tasks.plan import Action
from director.ports.watcher import Watcher


class RunProgress:
    """Counts what ended, and reports each milestone once all its actions are done."""

    def __init__(self, watcher: Watcher, *, total: int, milestones: Iterable[Milestone] = ()) -> None:
        self._watcher = watcher
        self._total = total
        self._done = 0
        self._milestones = {action: milestone for milestone in milestones for action in milestone.actions}
        self._left = {milestone.subject: len(milestone.actions) for milestone in self._milestones.values()}
        self._begun_at: dict[str, float] = {}

    def report_start(self, call: StepCall, at: float) -> None:
        """A call leaves for the first time."""
        milestone = self._milestones.get(call.action.id)
        if milestone:
            self._begun_at.setdefault(milestone.subject, at)
        self._report(call.action, Happening.STARTED, at, text=call.action.reason)

    def report_waiting(self, action: Action, at: float, *, text: str) -> None:
        """The answer was "not yet"."""
        self._report(action, Happening.WAITING, at, text=text)

    def report_retry(self, action: Action, at: float, *, failure: Failure) -> None:
        """A call failed and is sent again."""
        self._report(action, Happening.RETRYING, at, text=failure.what)

    def report_end(self, action: Action, entry: Done | Failed) -> None:
        """An action is done or failed."""
        self._done += 1
        if isinstance(entry, Done):
            self._report(action, Happening.FINISHED, entry.at)
            self._report_milestone(action, entry.at)
        else:
            self._report(action, Happening.FAILED, entry.at, text=f"{entry.failure.code}: {entry.failure.what}")

    def report_run_event(self, happening: Happening, at: float, *, text: str) -> None:
        """The run was planned or ended."""
        self._watcher.report(Event(at=at, happening=happening, text=text, done=self._done, total=self._total))

    def _report_milestone(self, action: Action, at: float) -> None:
        milestone = self._milestones.get(action.id)
        if milestone is None:
            return
        self._left[milestone.subject] -= 1
        if self._left[milestone.subject] == 0:
            took_s = at - self._begun_at.get(milestone.subject, at)
            self._watcher.report(
                Event(
                    at=at,
                    happening=Happening.COMPLETED,
                    stage=action.stage,
                    subject=milestone.subject,
                    text=f"{milestone.text}, {took_s:.1f} s",
                    done=self._done,
                    total=self._total,
                )
            )

    def _report(self, action: Action, happening: Happening, at: float, *, text: str = "") -> None:
        event = event_of(action, happening, at, text=text)
        self._watcher.report(replace(event, done=self._done, total=self._total))


def event_of(action: Action, happening: Happening, at: float, *, text: str = "") -> Event:
    """An event of an action: all of them name it alike, so that what shows them knows that they belong together."""
    return Event(
        at=at,
        happening=happening,
        stage=action.stage,
        subject=action.subject,
        kind=action.work.kind,
        detail=action.work.detail,
        action=action.id,
        text=text,
    )
