"""Coming and going of a local cloud's state directory: one at a time, made once, removed whole.

Takes a place; changes the file system only.
"""

import contextlib
import errno
import os
import select
import signal
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cpi.clouds.local.host import host_probe as probes
from cpi.clouds.local.host import interpreter, remedies
from cpi.clouds.local.host import state_root as places
from cpi.clouds.local.inside.records import locks, records
from cpi.clouds.local.inside.system import contents, site, sockets
from cpi.clouds.local.inside.system.modes import IDS, Mode
from cpi.contract.errors import CloudError, DeniedError
from cpi.kit import private_folders

_FIRST_BASE = 0x70000000  # above what distributions and container engines hand out
_BASES = 4096
_END_S = 10.0


@contextmanager
def opened(place: places.StateRoot) -> Iterator[None]:
    """Be alone at the door of this cloud; its directory exists inside."""
    while True:
        _make_directories(place)
        with locks.alone(place.state):
            # Another may have removed the directory while we waited for its lock.
            if os.path.isdir(place.state) and not os.path.exists(f"{place.state}/closing"):
                yield
                return
            if os.path.exists(f"{place.state}/closing"):
                remove(place)  # its last holder died, as this process holds the door's lock


def prepare(place: places.StateRoot, mode: Mode | None) -> None:
    """Write what the cloud is, unless it is written whole. Raises DeniedError with the probe's remedy."""
    if records.load_whole(records.cloud_path(place.state), records.CloudRecord) is not None:
        return
    is_new = not os.path.exists(records.cloud_path(place.state))
    _refuse_noexec(place)
    chosen = _choose_mode(mode if is_new else mode or _built_mode(place.state))
    python = interpreter.find_interpreter(has_writable_usr=chosen.has_writable_usr())
    site.make_parts(place.state)
    base = 0
    if chosen.is_shifted():
        base = _choose_base(place) if is_new else os.stat(place.state).st_uid  # its files are owned by that already
    cloud: records.CloudRecord = {
        "environment": place.environment,
        "state_dir": place.origin,
        "mode": chosen.value,
        "base": base,
        "python": list(python.trees),
        "interpreter": python.program,
    }
    records.save(records.cloud_path(place.state), cloud)
    if base and is_new:
        _give_away(place.state, base)
    elif base:
        os.chown(records.cloud_path(place.state), base, base)
    private_folders.make_private(Path(place.origin))
    records.save(f"{place.origin}/{places.POINTER}", {"state": place.state})


def remove(place: places.StateRoot) -> None:
    """End the cloud's processes, remove its directory, and the root if it was the last one in it."""
    _end_processes(place.state)
    contents.remove_tree(place.state)
    with contextlib.suppress(OSError):
        os.unlink(f"{place.origin}/{places.POINTER}")
    with contextlib.suppress(OSError):  # another cloud is there
        os.rmdir(place.root)


def is_noexec(path: str) -> bool:
    """Whether programs cannot run from the file system that holds `path` or will."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return bool(os.statvfs(path).f_flag & os.ST_NOEXEC)


def _make_directories(place: places.StateRoot) -> None:
    try:
        os.makedirs(place.root, mode=0o755 if os.geteuid() == 0 else 0o700, exist_ok=True)
        if os.stat(place.root).st_uid != os.geteuid():
            raise _owned_by_others(place.root)
        if not os.path.isdir(place.state):
            os.mkdir(place.state, 0o700)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        raise DeniedError(
            "no-permission-on-state",
            f"The local cloud cannot store its state in {place.root}.",
            why=str(error),
            fix="Make it writable for this user, or name another directory as state_root in the cloud's properties.",
        ) from error


def _end_processes(state: str) -> None:
    """After: neither the first process, and with it all others of the cloud, nor the edge runs.

    Their parent, this machine's first process, collects them when it likes: some once a second, some never.
    """
    processes = [
        process
        for name in ("lock", sockets.EDGE_LOCK)
        if (process := _open_process(locks.find_holder(f"{state}/{name}"))) is not None
    ]
    until_s = time.monotonic() + _END_S
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, signal.SIGKILL)
    for process in processes:
        watch = select.poll()
        watch.register(process, select.POLLIN)
        watch.poll(max(0, int((until_s - time.monotonic()) * 1000)))
        os.close(process)


def _open_process(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid) if pid > 0 else None
    except ProcessLookupError:
        return None


def _choose_mode(wanted: Mode | None) -> Mode:
    probe = probes.run_probe((wanted,) if wanted else ())
    best = probe.best()
    if best is None:
        finding = remedies.describe_probe(probe)[0]
        raise DeniedError(finding.code, finding.what, why=finding.why, fix=finding.fix)
    return best


def _built_mode(state: str) -> Mode | None:
    """The mode root's cloud was built in, by what it left in the state; None for a user's: the best is as it was."""
    if os.geteuid():
        return None
    if os.stat(state).st_uid == 0:
        return Mode.R3
    return Mode.R1 if os.path.isdir(f"{state}/host/usr") else Mode.R2


def _choose_base(place: places.StateRoot) -> int:
    taken = set()
    for state in places.list_states(place.root):
        taken.add(os.stat(state).st_uid)
    start = int(place.state.rpartition("-")[2][:8], 16)
    for offset in range(_BASES):
        base = _FIRST_BASE + (start + offset) % _BASES * IDS
        if base not in taken:
            return base
    raise CloudError("no-ids-left", f"{len(taken)} local clouds use all ids.", fix="Remove some with `compleat down`.")


def _give_away(state: str, base: int) -> None:
    for directory, _, files in os.walk(state):
        for path in (directory, *(f"{directory}/{name}" for name in files)):
            os.chown(path, base, base)


def _refuse_noexec(place: places.StateRoot) -> None:
    if is_noexec(place.root):
        raise DeniedError(
            "state-is-noexec",
            f"Programs cannot run from {place.root}, the folder for the VMs' files.",
            why="Its file system is mounted with noexec.",
            fix="Mount it without noexec, or name another directory as state_root in the cloud's properties.",
        )


def _owned_by_others(path: str) -> DeniedError:
    owner = stat.filemode(os.stat(path).st_mode)
    return DeniedError(
        "state-not-ours",
        f"{path} belongs to user {os.stat(path).st_uid}.",
        why=f"Its mode is {owner}; the local cloud's state must be this user's own.",
        fix="Remove it, or name another directory as state_root in the cloud's properties.",
    )
