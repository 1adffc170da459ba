"""What to do about a failed call: send it again, look first, or stop. Pure.

Takes a failure and how often it happened, gives a verdict. Jitter comes from the action's id, so a run repeats itself.
"""

import hashlib

from cpi.contract.errors import Retry
from cpi.contract.value_classes import dataclass
from director.model.ids import ActionId
from director.model.tasks.entries import Failure
from director.model.tasks.work import Doubt

MOST_HICCUPS = 8
MOST_THROTTLES = 100
HOPELESS = frozenset(
    {"vm-host-key-changed", "vm-too-old", "vm-without-address", "vm-not-running", "jumpbox-not-running"}
)
"""Codes of agents out of reach that no patience brings nearer, though nothing happened."""

_FIRST_S = 0.5
_LONGEST_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """The failure stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Send the same call after so many seconds, or look for its effect first."""

    after_s: float
    is_looking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """What one action has been through so far, this failure included."""

    action: ActionId
    hiccups: int = 0
    throttles: int = 0
    is_looking: bool = False


def decide_retry(failure: Failure, tries: Tries, doubt: Doubt) -> GiveUp | Again:
    """Give the verdict. `doubt` says how to deal with a call of this kind that may have happened."""
    if failure.code in HOPELESS or tries.hiccups > MOST_HICCUPS or tries.throttles > MOST_THROTTLES:
        return GiveUp()
    match Retry(failure.retry):
        case Retry.NEVER:
            return GiveUp()
        case Retry.SAFE:
            return Again(after_s=_pause_s(failure, tries), is_looking=tries.is_looking)
        case Retry.UNKNOWN:
            return _decide_doubt(failure, tries, doubt)


def is_throttled(failure: Failure) -> bool:
    """Whether the cloud asked for patience."""
    return failure.after_s > 0


def _decide_doubt(failure: Failure, tries: Tries, doubt: Doubt) -> GiveUp | Again:
    match doubt:
        case Doubt.LOOK:
            return Again(after_s=_pause_s(failure, tries), is_looking=True)
        case Doubt.REDO:
            return Again(after_s=_pause_s(failure, tries))
        case Doubt.REPORT:
            return GiveUp()


def _pause_s(failure: Failure, tries: Tries) -> float:
    if is_throttled(failure):
        return failure.after_s * (1.0 + _jitter(tries.action, tries.throttles))
    longest: float = min(_LONGEST_S, _FIRST_S * 2.0 ** min(tries.hiccups, 10))
    return longest * (0.5 + _jitter(tries.action, tries.hiccups) / 2)


def _jitter(action: ActionId, attempt: int) -> float:
    """From 0 up to 1, the same for the same action and attempt."""
    digest = hashlib.sha256(f"{action}#{attempt}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32
