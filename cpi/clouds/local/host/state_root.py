"""The path of a local cloud's state: under a root of its own, so that it is found again without COMPLEAT_HOME.

Takes an environment's name, the director's private directory and a root, gives a path. A cloud is a directory
ENVIRONMENT-HASH; the hash is of the private directory it was made for (docs/decisions/local-cloud-state.md).
"""

import hashlib
import os
import pwd
from pathlib import Path
from urllib.parse import quote

from cpi.clouds.local.inside.records import records
from cpi.contract.value_classes import dataclass

POINTER = "local-cloud.json"
_ROOTS_PLACE = "/var/lib/compleat"
_USERS_PLACE = ".compleat-clouds"
_LAST_RESORT = "/var/tmp/compleat-clouds-{uid}"  # noqa: S108  checked to be ours and 0700 before use


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRoot:
    """A cloud's directory, which may not exist yet; `origin` is the private directory it belongs to."""

    root: str
    state: str
    environment: str
    origin: str


def find_place(environment: str, origin: str, *, root: str = "") -> StateRoot:
    """The place of this environment's cloud: its own, else one whose private directory was deleted, else a new one."""
    root = root or default_root()
    own = os.path.realpath(origin)
    digest = hashlib.sha256(own.encode()).hexdigest()[:10]
    state = f"{root}/{quote(environment, safe='')}-{digest}"
    if not os.path.exists(state):
        state = _pointed_at(own) or _find_orphan(environment, root) or state
    return StateRoot(root=root, state=state, environment=environment, origin=own)


def default_root() -> str:
    """The directory of this user's clouds: a shifted id must reach it, so root's are never under /root."""
    if os.geteuid() == 0:
        return _ROOTS_PLACE
    try:
        home = pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        home = ""
    if home and os.path.isdir(home) and os.access(home, os.W_OK | os.X_OK):
        return f"{home}/{_USERS_PLACE}"
    return _LAST_RESORT.format(uid=os.geteuid())


def list_states(root: str) -> tuple[str, ...]:
    """Every cloud's directory under `root`."""
    try:
        return tuple(str(path) for path in sorted(Path(root).iterdir()) if (path / "cloud.json").exists())
    except FileNotFoundError:
        return ()


def _pointed_at(origin: str) -> str | None:
    pointer = records.load_whole(f"{origin}/{POINTER}", records.PointerRecord)
    return pointer["state"] if pointer is not None and os.path.exists(pointer["state"]) else None


def _find_orphan(environment: str, root: str) -> str | None:
    for state in list_states(root):
        cloud = records.load_whole(records.cloud_path(state), records.CloudRecord)
        if cloud is not None and cloud["environment"] == environment and not os.path.exists(cloud["state_dir"]):
            return state
    return None
