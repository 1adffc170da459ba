"""One call in progress: its verb reports progress and learns that the caller no longer waits.

Takes a function that writes progress, gives a value that verbs are handed.
"""

from __future__ import annotations

import threading
from typing import Callable


class VerbCall:
    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._cancelled = threading.Event()
        self._last = ""

    def report(self, line: str) -> None:
        """Report progress; a repeated line is sent once."""
        if line and line != self._last:
            self._last = line
            self._report(line)

    def send_always(self, line: str) -> None:
        """Pass one line on, whatever the one before was."""
        self._report(line)

    def cancel(self) -> None:
        self._cancelled.set()

    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait that long at most; True as soon as the call is cancelled."""
        return self._cancelled.wait(seconds)
