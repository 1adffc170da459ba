"""Ctrl-C ends a command, whatever a library makes of it.

Python raises KeyboardInterrupt wherever the program is, also in places that swallow it (a destructor, a callback), or
in the middle of taking a lock that closing then waits for. Nothing depends on a clean end: the journal is on disk
before each call. So who is interrupted and still there after a while leaves at once.
"""

import os
import signal
from collections.abc import Callable
from types import FrameType

_GRACE_S = 5.0


def bound(leave: Callable[[], int], *, grace_s: float = _GRACE_S) -> None:
    """From now on. `leave` says what is to be said, and gives the exit code."""

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, grace_s)
        raise KeyboardInterrupt

    def overdue(_number: int, _frame: FrameType | None) -> None:
        os._exit(leave())

    # A shell that starts something in the background has it ignore Ctrl-C, which is meant for others.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGALRM, overdue)
        signal.signal(signal.SIGINT, interrupted)
