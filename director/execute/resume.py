"""What to do about calls that began and have no end on record. Pure.

Takes a journal's entries, gives what is in doubt and how each doubt is resolved.
"""

from collections.abc import Iterable, Mapping
from typing import assert_never

from director.model.ids import ActionId
from director.model.tasks.entries import Accepted, Begun, Done, Entry, Failed, Run
from director.model.tasks.plan import Action, Plan
from director.model.tasks.work import Doubt, Result

UNCERTAIN = "call-uncertain"
"""The code of a call that may have happened on a cloud that cannot say."""


def words_of_doubt(doubt: Doubt) -> str:
    """What is known of a call that was cut short, and whose effect was not found."""
    match doubt:
        case Doubt.LOOK:
            return "The call was interrupted; a search shows that it had no effect."
        case Doubt.REDO:
            return "The call was interrupted and may have had an effect. The next plan repeats what it needs."
        case Doubt.REPORT:
            return "The call was interrupted and may have had an effect. compleat does not repeat it."
        case _:
            assert_never(doubt)


def last_sign_of_life(run: Run, entries: Iterable[Entry]) -> float:
    """When a run that a crash cut short last wrote something down: its process may have died right after."""
    return max((entry.at for entry in entries), default=run.started_at)


def open_actions(plan: Plan, entries: Iterable[Entry]) -> tuple[Action, ...]:
    """Actions that began and have no end on record, or a failure that leaves open if they happened; in plan order."""
    last: dict[ActionId, Entry] = {}
    for entry in entries:
        last[entry.action] = entry
    return tuple(action for action in plan.actions if _is_open(last.get(action.id)))


def handles_of(entries: Iterable[Entry]) -> Mapping[ActionId, str]:
    """What the cloud was carrying out, by action: the last counts. One that ended meanwhile is looked at in vain."""
    return {entry.action: entry.handle for entry in entries if isinstance(entry, Accepted)}


def results_of(entries: Iterable[Entry]) -> Mapping[ActionId, Result]:
    """What is done, by action."""
    return {entry.action: entry.result for entry in entries if isinstance(entry, Done)}


def _is_open(entry: Entry | None) -> bool:
    match entry:
        case Begun() | Accepted():
            return True
        case Failed(failure=failure):
            return failure.retry == "unknown" or failure.code == UNCERTAIN
        case Done() | None:
            return False
