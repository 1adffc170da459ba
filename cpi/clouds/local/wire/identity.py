"""Which local cloud this is: the machine, and the folder its clouds are kept in.

Takes a Place and the mode that was chosen, gives a CloudIdentity. Nothing is started.
"""

import hashlib
import os
import pwd
import socket
from pathlib import Path

from cpi.clouds.local.host.state_root import StateRoot
from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system.modes import Mode
from cpi.contract.values import CloudIdentity

_MACHINE_ID = Path("/etc/machine-id")


class LocalIdentity:
    """Implements Identity. A host's name may change while its clouds live on, so it is shown and not compared."""

    def __init__(self, place: StateRoot, mode: Mode | None) -> None:
        self._place = place
        self._mode = mode

    def identify(self) -> CloudIdentity:
        host, mode = socket.gethostname(), self._mode_word()
        return CloudIdentity(
            facts={"machine": _machine(), "folder": os.path.dirname(self._place.state)},
            title=f"this machine ({host}), user {_user()}" + (f", mode {mode}" if mode else ""),
        )

    def describe_login(self) -> str:
        return ""

    def _mode_word(self) -> str:
        """The mode of the running cloud, else the configured one; "" while it is undecided."""
        cloud = records.load_cloud(self._place.state)
        if cloud is not None:
            return str(cloud["mode"])
        return self._mode.value if self._mode else ""


def _machine() -> str:
    """A hash of the machine's id, which itself is not to be shown (machine-id(5)); "" where it has none."""
    try:
        written = _MACHINE_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return hashlib.sha256(f"compleat {written}".encode()).hexdigest()[:16] if written else ""


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
