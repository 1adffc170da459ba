"""Use cases of logs: fetched as archives, or followed.

Takes a Session and instances, gives paths, or lines as they are written.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product

from cpi.contract.errors import Retry
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.app.sessions.session import Session
from director.app.use_cases.instance_access import Chosen
from director.errors import AgentError, InputError, StateError
from director.model import counting
from director.model.agents.log_selection import LogSelection
from director.model.report import Table
from director.observe import queries
from director.text import nearest

_FOLLOWED_AT_MOST = 60
"""A session makes 64 calls at a time: one more would begin when another ends, and these do not end."""
_LONGEST = 46
"""Characters of the instances' names in a message."""
_TRIES = 20
_PAUSE_S = 3.0
"""Tries to connect again to an instance, and the seconds between two."""


def require_jobs(chosen: Sequence[Chosen], jobs: Sequence[str]) -> None:
    """Raises InputError, code `job-without-logs`, for a job that none of the instances has."""
    known = sorted({job for one in chosen for job in one.jobs or ()})
    unknown = [job for job in jobs if job not in known]
    if not unknown or any(one.jobs is None for one in chosen):
        return
    near = nearest.nearest_word(unknown[0], known)
    names = counting.names_text([one.name for one in chosen], longest=_LONGEST)
    elsewhere = f"Name one of them; --only '{unknown[0]}/*' finds logs of former jobs."
    raise InputError(
        "job-without-logs",
        f"No instance of these has a job '{unknown[0]}'.",
        why=f"The jobs of {names} are: {', '.join(known) or 'none'}.",
        fix=f"Did you mean '{near}'?" if near else elsewhere,
    )


def fetch_logs(session: Session, chosen: Sequence[Chosen], logs: Sequence[LogSelection], *, folder: str) -> Table:
    """Fetch the logs of all instances at once, an archive for each and each kind; a row for each, with its path.

    Of several instances, one that does not answer has its error; of one, the error is raised.
    """
    is_alone = len(chosen) == 1
    pairs = list(product(chosen, logs))
    fetches = {
        f"{one.name} {each.kind}": partial(_fetch, session, one, each, folder=folder, is_alone=is_alone)
        for one, each in pairs
    }
    found = queries.ask_all(session.world.runner, fetches).values()
    rows = [{"instance": one.name, "type": each.kind, **row} for (one, each), row in zip(pairs, found, strict=True)]
    return Table(name="logs", columns=("instance", "type", "path", "error"), rows=tuple(rows), empty="No instances.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """Which logs are followed, from so many earlier lines on.

    `watch` is given the name of an instance and a line, `lose` its name and why it is not followed for now or any
    longer, `regain` its name and how it is followed again; all from several threads.
    """

    logs: LogSelection
    lines: int
    watch: Callable[[str, str], None]
    lose: Callable[[str, str], None]
    regain: Callable[[str, str], None]


def follow_logs(session: Session, chosen: Sequence[Chosen], following: Following) -> None:
    """Give every new line of all instances, until interrupted. One that is lost does not end the others; after a while
    it is connected to again, and followed from its next line on.

    Of one instance, the error of the first connection is raised. Raises InputError, code `too-many-instances`;
    Interrupted.
    """
    if len(chosen) > _FOLLOWED_AT_MOST:
        raise InputError(
            "too-many-instances",
            f"{len(chosen)} instances cannot be followed at once.",
            why=f"Each needs a connection of its own; the limit is {_FOLLOWED_AT_MOST}.",
            fix="Name a group or an instance. Without -f the logs of all are fetched.",
        )
    queries.keep_asking(
        session.world.runner,
        [_Follower(session, one, following, is_alone=len(chosen) == 1).follow for one in chosen],
    )


class _Follower:
    """The log of one instance, over one connection after the other."""

    def __init__(self, session: Session, one: Chosen, following: Following, *, is_alone: bool) -> None:
        self._session = session
        self._one = one
        self._following = following
        self._is_alone = is_alone
        self._was_connected = False
        self._tries_left = 0

    def follow(self) -> float | None:
        """Follow until the connection breaks; gives after how many seconds to try again, None if it is lost."""
        try:
            lines = 0 if self._was_connected else self._following.lines
            target = self._one.reached()
            self._session.world.agent.tail_logs(target, self._following.logs, lines=lines, watch=self._watch)
        except (AgentError, StateError) as error:
            return self._broken(error)
        self._following.lose(self._one.name, "Its agent ended the log.")
        return None

    def _watch(self, line: str) -> None:
        if self._was_connected and self._tries_left < _TRIES:
            self._following.regain(self._one.name, "Connected again; lines from in between may be missing.")
        self._was_connected, self._tries_left = True, _TRIES
        self._following.watch(self._one.name, line)

    def _broken(self, error: AgentError | StateError) -> float | None:
        """A connection that broke was one, also if the log had no line yet."""
        if not self._was_connected and isinstance(error, AgentError) and error.retry is Retry.UNKNOWN:
            self._was_connected, self._tries_left = True, _TRIES
        if not self._was_connected and self._is_alone:
            raise error
        if self._tries_left == _TRIES:
            self._following.lose(self._one.name, f"{error.what} Connecting again.")
        self._tries_left -= 1
        if self._tries_left > 0:
            return _PAUSE_S
        self._following.lose(self._one.name, error.what)
        return None


def _fetch(
    session: Session, one: Chosen, logs: LogSelection, *, folder: str, is_alone: bool
) -> Mapping[str, JsonValue]:
    try:
        target = one.reached()
        packed = session.world.agent.fetch_logs(target, logs)
        session.world.agent.get_blob(target, packed.digest)
    except (AgentError, StateError) as error:
        if is_alone:
            raise
        return {"path": "", "error": error.what}
    name = f"{one.name.replace('/', '-')}-{logs.kind}-logs.tgz"
    path = session.files.save_stream(f"{folder}/{name}", session.world.blobs.open_blob(packed.digest))
    return {"path": path, "error": ""}
