"""What a monit control file says: checks and their programs, and what is wrong with one.

Takes nothing, gives values and errors without a place of their own: who reads the file knows where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

DEFAULT_TIMEOUT_S = 30.0
GROUP = "vcap"
"""BOSH starts and stops this group; a check outside of it is ignored."""

PROCESS = "process"
PATHS = ("file", "directory", "fifo", "filesystem")
"""What stands at a path, and is supervised by whether it is there."""

OUTSIDE = ("host", "system", "program", "network")
"""What conditions alone look at: nothing of it is supervised here."""


class Program(NamedTuple):
    """What starts or stops a process; `user` and `group` "" mean root's."""

    command: tuple[str, ...]
    timeout_s: float = DEFAULT_TIMEOUT_S
    user: str = ""
    group: str = ""


class Check(NamedTuple):
    """One check. `path` is a process's pidfile, or where a file, directory, FIFO or filesystem is.

    It is "" for what is OUTSIDE, and for a process that is found by `pattern`, a regular expression of its command
    line. `unwatched` are the conditions that are not evaluated here.
    """

    name: str
    path: str
    start: Program | None = None
    stop: Program | None = None
    group: str = ""
    depends_on: tuple[str, ...] = ()
    unwatched: tuple[str, ...] = ()
    is_manual: bool = False
    kind: str = PROCESS
    pattern: str = ""

    @property
    def is_supervised(self) -> bool:
        """Whether it is started, stopped and started again when it is gone."""
        return self.kind not in OUTSIDE


class Setting(NamedTuple):
    """A setting of monit itself, which nothing here acts on: its name alone, as its values may be credentials."""

    name: str
    line: int


class BrokenFileError(Exception):
    """A control file that cannot be read: `line` is where the fault begins, `found` what stands there."""

    supported = (
        "`check process NAME with pidfile PATH` or `matching REGEX`, "
        "`check file|directory|fifo|filesystem|device NAME with path PATH`, "
        "`check host|system|program|network`, with start and stop program, group, depends on, if ... then ..., "
        "and `set ...`"
    )

    def __init__(self, line: int, found: str) -> None:
        super().__init__("line %d: found %s" % (line, found))
        self.line = line
        self.found = found


class UnorderedError(Exception):
    """Checks of one instance that cannot be put in order; `names` are those that are to blame."""

    def __init__(self, why: str, names: Sequence[str]) -> None:
        super().__init__(why)
        self.why = why
        self.names = tuple(names)


class NameTwiceError(Exception):
    """Two checks of one instance have one name."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)
