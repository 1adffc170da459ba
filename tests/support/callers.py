"""Callers for tests.

Takes a command, gives who typed it.
"""

from director.model.tasks.caller import Caller


def calling(command: str) -> Caller:
    """Somebody who typed the command."""
    return Caller(who="someone@here (pid 1)", command=command, at=1.0)
