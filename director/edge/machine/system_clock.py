"""The Clock port for real.

Takes nothing, gives seconds since the epoch that never go back.
"""

import time


class SystemClock:
    """Wall time at the start plus monotonic time since: a clock set back while we run does no harm."""

    def __init__(self) -> None:
        self._start = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._start + time.monotonic()
