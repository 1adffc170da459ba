"""Settings that apply to every command: flags, COMPLEAT_* variables and the home folder, read once.

Takes the values the command line parsed, gives one frozen value.
"""

import re

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.ids import EnvironmentName

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`home` holds all state: an absolute path. `width` is how many calls may run at once.

    `program` is the name by which a shell starts this program, used in the commands that messages suggest.
    """

    home: str
    environment: EnvironmentName
    width: int = 64
    program: str = "compleat"


def check_environment(settings: Settings) -> None:
    """Refuse a name that could lead elsewhere as a path. Raises InputError, code `bad-environment-name`."""
    if not _NAME.fullmatch(settings.environment):
        raise InputError(
            "bad-environment-name",
            f"'{settings.environment[:_SHOWN]}' is not a valid environment name.",
            why="A name has at most 100 letters, digits, '_', '.' and '-', and begins with a letter or a digit; "
            "tags and file names contain it.",
            fix="Choose a valid name for -e or COMPLEAT_ENVIRONMENT.",
        )
