"""The terminal: the only place that prints.

Takes lines and JSON, writes results to standard output and everything else to standard error.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext

from cpi.values import JsonValue


class Terminal:
    """Standard output carries the result alone, so that it can be piped; words about it go to standard error."""

    def __init__(self, *, is_json: bool = False, has_color: bool = True, is_tty: bool = False) -> None:
        self.is_json = is_json
        self.is_interactive = sys.stdin.isatty() and sys.stderr.isatty()
        self.is_tty = is_tty or sys.stderr.isatty()
        self.has_color = has_color and self.is_tty
        self.pausing: Callable[[], AbstractContextManager[object]] = nullcontext
        """Whoever draws progress sets this: while within, nothing is drawn over a question."""

    def say(self, lines: Iterable[str]) -> None:
        """The result, for people."""
        for line in lines:
            print(line)
        sys.stdout.flush()

    def say_json(self, data: Mapping[str, JsonValue]) -> None:
        """The result, for machines."""
        print(json.dumps(data, indent=2))

    def say_raw(self, data: bytes) -> None:
        """The result, as it is."""
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def note(self, lines: Iterable[str]) -> None:
        """Words on the way: errors, progress."""
        for line in lines:
            print(line, file=sys.stderr)
        sys.stderr.flush()
