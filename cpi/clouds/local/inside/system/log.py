"""A line of the log.

Takes words. A log on a full disk must not end the process that writes it.
"""

import contextlib
import os


def say(text: str) -> None:
    """Write a line to standard output, which is a log file, or drop it."""
    with contextlib.suppress(OSError):
        os.write(1, f"{text.rstrip()}\n".encode(errors="replace"))
