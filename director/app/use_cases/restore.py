"""The use case `restore`: a home put back as a backup has it.

Takes the Backups port and a request, gives what was restored.
"""

from collections.abc import Callable

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.backups import HomeBackup, RestoredHome
from director.ports.backups import Backups
from director.report import time_words


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRequest:
    """`key` is the file of the vault's key for a backup without one. `is_replacing` allows a home with content.

    `at` is the time, in seconds since 1970.
    """

    path: str
    at: float
    key: str | None = None
    is_replacing: bool = False


Confirm = Callable[[HomeBackup], None]
"""Shows what replaces the home's content and asks; raises to stop."""


def restore(backups: Backups, request: RestoreRequest, confirm: Confirm) -> RestoredHome:
    """Finish what was interrupted; else verify the file, then exchange the home's content.

    Raises InputError, code `home-not-empty`, and what the port raises.
    """
    finished = backups.finish(request.path)
    if finished is not None:
        return finished
    backup = backups.verify(request.path, key=request.key)
    if backups.has_content():
        if not request.is_replacing:
            raise _not_empty()
        confirm(backup)
    return backups.restore(request.path, key=request.key, stamp=_stamp(request.at))


def _stamp(at: float) -> str:
    return time_words.utc_text(at).replace("-", "").replace(":", "")


def _not_empty() -> InputError:
    return InputError(
        "home-not-empty",
        "The home already has a state, secrets or environments.",
        why="A restore replaces them with those of the backup. Nothing was changed.",
        fix="Add --replace, which keeps the present content in a folder beside; or set COMPLEAT_HOME to another one.",
    )
