"""Use cases of logs: fetched as archives, or followed.

Takes a Session and instances, gives paths, or lines as they are written.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.app.sessions.session import Session
from director.app.use_cases.instance_access import Chosen
from director.errors import AgentError, InputError, StateError
from director.model.agents.log_selection import LogSelection
from director.model.report import Table
from director.observe import queries

_FOLLOWED_AT_MOST = 60
"""A session makes 64 calls at a time: one more would begin when another ends, and these do not end."""


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

    `watch` is given the name of an instance and a line, `lose` its name and why it is no longer followed; both from
    several threads.
    """

    logs: LogSelection
    lines: int
    watch: Callable[[str, str], None]
    lose: Callable[[str, str], None]


def follow_logs(session: Session, chosen: Sequence[Chosen], following: Following) -> None:
    """Give every new line of all instances, until interrupted. One that is lost does not end the others.

    Of one instance, its error is raised. Raises InputError, code `too-many-instances`; Interrupted.
    """
    if len(chosen) == 1:
        _follow(session, chosen[0], following)
        return
    if len(chosen) > _FOLLOWED_AT_MOST:
        raise InputError(
            "too-many-instances",
            f"{len(chosen)} instances cannot be followed at once.",
            why=f"Each needs a connection of its own; the limit is {_FOLLOWED_AT_MOST}.",
            fix="Name a group or an instance. Without -f the logs of all are fetched.",
        )
    queries.ask_all(
        session.world.runner, {one.name: partial(_follow_beside_others, session, one, following) for one in chosen}
    )


def _follow(session: Session, one: Chosen, following: Following) -> None:
    session.world.agent.tail_logs(
        one.reached(), following.logs, lines=following.lines, watch=partial(following.watch, one.name)
    )


def _follow_beside_others(session: Session, one: Chosen, following: Following) -> None:
    try:
        _follow(session, one, following)
    except (AgentError, StateError) as error:
        following.lose(one.name, error.what)
    else:
        following.lose(one.name, "Its agent ended the log.")


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
