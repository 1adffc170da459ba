"""Use cases of logs: fetched as archives, or followed.

Takes a Session and instances, gives paths, or lines as they are written.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product

from cpi.contract.values import JsonValue
from director.app.sessions.session import Session
from director.app.use_cases.instance_access import Chosen
from director.errors import AgentError, StateError
from director.model.agents.agent_address import AgentTarget
from director.model.agents.log_selection import LogSelection
from director.model.report import Table
from director.observe import queries


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


def follow_logs(
    session: Session, target: AgentTarget, logs: LogSelection, *, lines: int, watch: Callable[[str], None]
) -> None:
    """Give every new line of the logs, for ever: until interrupted."""
    session.world.agent.tail_logs(target, logs, lines=lines, watch=watch)


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
