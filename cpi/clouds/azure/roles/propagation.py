"""Repeat a call until all of Azure's directory knows what was created; the clock is handed in.

Takes a call and a limit, gives the call's result. It belongs to a command at the terminal: no run of the engine waits.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from cpi.contract.errors import CloudError
from cpi.kit.operation_clock import OperationClock

T = TypeVar("T")
_LONGEST_S = 15.0
_FIRST_S = 0.5


class PropagationPatience:
    """One wait of at most `limit_s` seconds."""

    def __init__(self, clock: OperationClock, limit_s: float) -> None:
        self._clock = clock
        self._end_s = clock.now_s() + limit_s
        self.next_s = 0.0

    def looks(self) -> Iterator[None]:
        """Yield once per look within the limit, each after a pause of `next_s`."""
        while True:
            left_s = self._end_s - self._clock.now_s()
            if left_s <= 0:
                return
            self._clock.sleep(min(self.next_s, _LONGEST_S, left_s))
            yield


def persist(
    attempt: Callable[[], T],
    *,
    patience: PropagationPatience,
    is_early: Callable[[CloudError], bool],
    on_wait: Callable[[], None],
) -> T:
    """Try until it works, at longer and longer pauses; `is_early` tells refusals that only mean "not yet".

    Raises the last of them when patience ends, any other at once. `on_wait` is called once, before the first pause.
    """
    last: CloudError | None = None
    for _ in patience.looks():
        try:
            return attempt()
        except CloudError as error:
            if not is_early(error):
                raise
            if last is None:
                on_wait()
            last = error
            patience.next_s = min(max(patience.next_s * 1.5, _FIRST_S), _LONGEST_S)
    assert last is not None, "patience leaves time for one look at least"
    raise last
