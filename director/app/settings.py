"""What was asked for beside the command itself: flags, COMPLEAT_* and the home folder, read once.

Takes the values the command line parsed, gives one frozen value.
"""

from dataclasses import dataclass

from director.model.ids import EnvironmentName


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`home` holds all state: an absolute path. `width` is how many calls may run at once."""

    home: str
    environment: EnvironmentName
    width: int = 64
