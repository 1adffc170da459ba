"""Run pytest as an ordinary user: `python -m tests.integration.local.as_user UID[:FIRST] pytest-arguments`.

FIRST is the first of 65536 subordinate ids that the user has; without it there are none.

Takes root's rights to leave them. What the user could not reach (an interpreter or a checkout below /root) is bound
to where it is, in a mount namespace of this process's own.
"""

import os
import sys
import tempfile
from pathlib import Path

from cpi.clouds.local.inside.system import sysc


def main(arguments: list[str]) -> None:
    """Become user `arguments[0]` and run pytest with the rest."""
    user, _, first = arguments[0].partition(":")
    uid = int(user)
    sysc.unshare(sysc.NEWNS)
    sysc.mount("none", "/", flags=sysc.MS_REC | sysc.MS_PRIVATE)
    needed = [Path(sys.base_prefix), Path(sys.prefix), Path(__file__).resolve().parents[3]]
    open_way(needed)
    if first:
        give_ids(uid, int(first))
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",  # the user may read what is compiled, and write none
        "PYTHONPYCACHEPREFIX": sys.pycache_prefix or "",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    os.chdir(needed[-1])
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *arguments[1:]], environment)


def open_way(needed: list[Path]) -> None:
    """Cover each closed directory on the way with an empty one that holds only what is needed."""
    for closed in sorted({way for path in needed if (way := _closed_parent(path)) is not None}):
        kept = {path: sysc.open_tree(str(path)) for path in needed if closed in path.parents}
        sysc.mount("way", str(closed), kind="tmpfs", options="mode=755")
        for path, descriptor in kept.items():
            path.mkdir(parents=True, exist_ok=True)
            sysc.move_mount(descriptor, str(path))


def give_ids(uid: int, first: int) -> None:
    """Give the user an account and subordinate ids, in files that only this mount namespace sees."""
    account = f"user{uid}"
    added = {
        "passwd": f"{account}:x:{uid}:{uid}::/nonexistent:/bin/sh\n",
        "group": f"{account}:x:{uid}:\n",
        "subuid": f"{account}:{first}:65536\n",
        "subgid": f"{account}:{first}:65536\n",
    }
    place = Path(tempfile.mkdtemp(prefix="accounts-"))
    sysc.mount("accounts", str(place), kind="tmpfs", options="mode=755")
    for name, line in added.items():
        there = Path("/etc", name)
        Path(place, name).write_text(there.read_text() + line)
        sysc.mount(f"{place}/{name}", str(there), flags=sysc.MS_BIND)
    sysc.umount(str(place), sysc.MNT_DETACH)
    place.rmdir()


def _closed_parent(path: Path) -> Path | None:
    for parent in reversed(path.parents):
        if not parent.stat().st_mode & 0o001:
            return parent
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
