"""What to do about calls that began and have no end on record. Pure.

Takes a journal's entries, gives what is in doubt and how each doubt is resolved.
"""

from collections.abc import Iterable
from enum import Enum

from director.model.entries import Begun, Done, Entry, Failed, Run
from director.model.ids import ActionId
from director.model.plan import Action, Plan


class Doubt(Enum):
    """How to deal with a call that may have happened."""

    LOOK = "look"  # ask the cloud by owner key: adopt what is there
    REDO = "redo"  # doing it twice is doing it once; the next plan sees what is
    TELL = "tell"  # a person must know: neither can it be found, nor may it be repeated


UNCERTAIN = "call-uncertain"
"""The code of a call that may have happened on a cloud that cannot say."""

_LOOK = frozenset(
    {"create_landing_resource", "create_stemcell", "create_vm", "create_disk", "delete_vm", "delete_disk"}
)
_TELL = frozenset({"run_errand"})

_AT_ONCE = frozenset({"delete_disk", "delete_snapshot"})
"""Deletions of what no record names any more: nobody would come back to them."""


def doubt_of(kind: str) -> Doubt:
    """How to deal with a call of this kind of work that may have happened."""
    if kind in _LOOK:
        return Doubt.LOOK
    return Doubt.TELL if kind in _TELL else Doubt.REDO


def words_of_doubt(kind: str) -> str:
    """What is known of a call of this kind that was cut short, and whose effect was not found."""
    match doubt_of(kind):
        case Doubt.LOOK:
            return "The call was cut short; it was looked for, and had no effect."
        case Doubt.REDO:
            return "The call was cut short: it may have begun, or even ended. The next plan repeats what it needs."
        case Doubt.TELL:
            return "The call was cut short: it may have begun, or even ended, and is not repeated by itself."


def is_finished_at_once(kind: str) -> bool:
    """Whether settling a run does this work again instead of leaving it to the next plan."""
    return kind in _AT_ONCE


def last_sign_of_life(run: Run, entries: Iterable[Entry]) -> float:
    """When a run that a crash cut short last wrote something down: its process may have died right after."""
    return max((entry.at for entry in entries), default=run.started_at)


def open_actions(plan: Plan, entries: Iterable[Entry]) -> tuple[Action, ...]:
    """Actions that began and have no end on record, or a failure that leaves open if they happened; in plan order."""
    last: dict[ActionId, Entry] = {}
    for entry in entries:
        last[entry.action] = entry
    return tuple(action for action in plan.actions if _is_open(last.get(action.id)))


def _is_open(entry: Entry | None) -> bool:
    match entry:
        case Begun():
            return True
        case Failed(failure=failure):
            return failure.retry == "unknown" or failure.code == UNCERTAIN
        case Done() | None:
            return False
