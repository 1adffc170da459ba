"""Who asked for something, with which command, and when.

Takes nothing, gives a frozen value that a door makes and use cases hand down.
"""

from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """`who` is a person and where they are: "user@host (pid 12)". `command` is safe to show; `at` is Unix time in s."""

    who: str
    command: str
    at: float
