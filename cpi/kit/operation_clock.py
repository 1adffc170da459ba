"""The clock by which the waiting calls of a cloud wait.

Takes nothing, gives this machine's clock.
"""

import time
from collections.abc import Callable

from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationClock:
    """`now_s` only ever grows; `wall_s` is seconds since 1970."""

    now_s: Callable[[], float]
    wall_s: Callable[[], float]
    sleep: Callable[[float], None]


def system_clock() -> OperationClock:
    """This machine's."""
    return OperationClock(now_s=time.monotonic, wall_s=time.time, sleep=time.sleep)
