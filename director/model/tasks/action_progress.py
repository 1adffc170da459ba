"""How far an action is.

Takes nothing, gives frozen values.
"""

from enum import Enum

from cpi.contract.value_classes import dataclass


class ProgressState(Enum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionProgress:
    """`begun_at` is None for one that waits, `ended_at` for one that has no end. `text` is the last line of it."""

    state: ProgressState = ProgressState.WAITING
    begun_at: float | None = None
    ended_at: float | None = None
    text: str = ""


NOT_BEGUN = ActionProgress()
