"""How long to wait for what Azure does meanwhile, by a clock that is handed in.

Takes a limit, gives pauses until it is reached.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

_LONGEST_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`now_s` only ever grows; `wall_s` is seconds since 1970."""

    now_s: Callable[[], float]
    wall_s: Callable[[], float]
    sleep: Callable[[float], None]


class Patience:
    """One wait of at most `limit_s` seconds."""

    def __init__(self, clock: Clock, limit_s: float) -> None:
        self._clock = clock
        self._end_s = clock.now_s() + limit_s
        self.next_s = 0.0

    def looks(self) -> Iterator[None]:
        """One for each look that there is time for, each after a pause of `next_s`."""
        while True:
            left_s = self._end_s - self._clock.now_s()
            if left_s <= 0:
                return
            self._clock.sleep(min(self.next_s, _LONGEST_S, left_s))
            yield
