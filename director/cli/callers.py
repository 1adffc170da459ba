"""The caller of a command typed at a terminal: user, machine and process.

Takes the process it runs in, gives a Caller.
"""

import getpass
import os
import time

from director.model.tasks.caller import Caller


def calling(command: str) -> Caller:
    """The person at this terminal, who typed the command now."""
    return Caller(who=f"{_user()}@{os.uname().nodename} (pid {os.getpid()})", command=command, at=time.time())


def _user() -> str:
    """The user's name; its number where the system knows no name for it (a container with a user of its own)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
