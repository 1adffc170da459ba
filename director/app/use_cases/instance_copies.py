"""Use cases of files: copied to instances, or from there.

Takes a Session and instances, copies; gives what failed.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from director.app.sessions.session import Session
from director.app.use_cases.instance_access import Chosen
from director.errors import AgentError, InputError, StateError
from director.model.agents.agent_address import AgentTarget
from director.observe import queries

_INSTANCE_ID = "((instance_id))"
"""What BOSH replaces in the path on this machine."""


def send(
    session: Session, chosen: Sequence[Chosen], *, local: str, remote: str, is_recursive: bool
) -> Mapping[str, str]:
    """Copy to all instances at once. Of several, gives the errors by instance; of one, raises its error."""
    access = session.world.remote_access
    return _everywhere(
        session,
        chosen,
        lambda target, _: access.send_file(target, local=local, remote=remote, is_recursive=is_recursive),
    )


def fetch(
    session: Session, chosen: Sequence[Chosen], *, remote: str, local: str, is_recursive: bool
) -> Mapping[str, str]:
    """Copy from all instances at once; `((instance_id))` in `local` is the instance's ID. Errors as of `send`.

    Raises InputError, code `copies-in-one-place`, for several instances without it.
    """
    if len(chosen) > 1 and _INSTANCE_ID not in local:
        raise InputError(
            "copies-in-one-place",
            f"The files of {len(chosen)} instances cannot all be copied to '{local}'.",
            why="Each copy would replace the one before.",
            fix=f"Write {_INSTANCE_ID} where the path has the instance's ID, in quotes: 'logs-{_INSTANCE_ID}'.",
        )
    access = session.world.remote_access

    def fetch_one(target: AgentTarget, id_: str) -> None:
        place = local.replace(_INSTANCE_ID, id_)
        access.fetch_file(target, remote=remote, local=place, is_recursive=is_recursive)

    return _everywhere(session, chosen, fetch_one)


def _everywhere(
    session: Session, chosen: Sequence[Chosen], copy: Callable[[AgentTarget, str], None]
) -> Mapping[str, str]:
    copies = {one.name: partial(_copy, one, copy, is_alone=len(chosen) == 1) for one in chosen}
    return {name: error for name, error in queries.ask_all(session.world.runner, copies).items() if error}


def _copy(one: Chosen, copy: Callable[[AgentTarget, str], None], *, is_alone: bool) -> str:
    try:
        copy(one.reached(), one.id)
    except (AgentError, StateError) as error:
        if is_alone:
            raise
        return error.what
    return ""
