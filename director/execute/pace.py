"""How fast a family of calls may leave, slowed by throttling and quickened by success. Pure.

Takes what became of calls, gives the earliest time of the next call.
"""

from dataclasses import replace

from cpi.contract.value_classes import dataclass

_SLOWEST_S = 8.0
_FIRST_GAP_S = 0.1
_SMALLEST_GAP_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`gap_s` seconds between calls; nothing leaves before `next_at`."""

    gap_s: float = 0.0
    next_at: float = 0.0


def after_start(pace: Pace, now: float) -> Pace:
    """A call left."""
    return replace(pace, next_at=max(pace.next_at, now + pace.gap_s))


def after_throttle(pace: Pace) -> Pace:
    """The cloud asked for patience: twice the gap."""
    return replace(pace, gap_s=min(_SLOWEST_S, max(_FIRST_GAP_S, pace.gap_s * 2)))


def after_success(pace: Pace) -> Pace:
    """A call went through: half the gap, at last none."""
    gap_s = pace.gap_s / 2
    return replace(pace, gap_s=gap_s if gap_s >= _SMALLEST_GAP_S else 0.0)
