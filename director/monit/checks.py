"""What a monit control file says: checks and their programs, and what is wrong with one.

Takes nothing, gives values and errors without a place of their own: who reads the file knows where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

DEFAULT_TIMEOUT_S = 30.0
GROUP = "vcap"
"""BOSH starts and stops this group; a check outside of it is ignored."""

PROCESS, FILE, HOST = "process", "file", "host"


class Program(NamedTuple):
    """What starts or stops a process; `user` and `group` "" mean root's."""

    command: tuple[str, ...]
    timeout_s: float = DEFAULT_TIMEOUT_S
    user: str = ""
    group: str = ""


class Check(NamedTuple):
    """One check. Only a process is supervised: `pidfile` is "" for a file or a host, which is not checked here.

    `unwatched` are the conditions that are not evaluated here.
    """

    name: str
    pidfile: str
    start: Program | None = None
    stop: Program | None = None
    group: str = ""
    depends_on: tuple[str, ...] = ()
    unwatched: tuple[str, ...] = ()
    is_manual: bool = False
    kind: str = PROCESS


class BrokenFileError(Exception):
    """A control file that cannot be read: `line` is where the fault begins, `found` what stands there."""

    supported = (
        "`check process NAME with pidfile PATH` with start and stop program, group, depends on, if ... then ...; "
        "`check file` and `check host` without programs"
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
