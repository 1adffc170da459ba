"""Copy a tree of files with owners, modes, times and links, by the standard library alone.

Takes two paths. Hard links inside become one file again; sockets and devices are left out.
"""

import contextlib
import os
import shutil
import stat


def copy(source: str, target: str) -> None:
    """Copy `source` to `target`, which must not exist."""
    _copy(source, target, {})


def _copy(source: str, target: str, seen: dict[tuple[int, int], str]) -> None:
    state = os.lstat(source)
    if stat.S_ISDIR(state.st_mode):
        os.mkdir(target, 0o700)
        for name in os.listdir(source):
            _copy(f"{source}/{name}", f"{target}/{name}", seen)
    elif stat.S_ISLNK(state.st_mode):
        os.symlink(os.readlink(source), target)
    elif stat.S_ISREG(state.st_mode):
        key = (state.st_dev, state.st_ino)
        if key in seen:
            os.link(seen[key], target)
            return
        shutil.copyfile(source, target)
        seen[key] = target
    elif stat.S_ISFIFO(state.st_mode):
        os.mkfifo(target)
    else:
        return
    _copy_marks(state, target)


def _copy_marks(state: os.stat_result, target: str) -> None:
    with contextlib.suppress(PermissionError, OSError):  # one id: everything has the same owner
        os.chown(target, state.st_uid, state.st_gid, follow_symlinks=False)
    if not stat.S_ISLNK(state.st_mode):
        os.chmod(target, stat.S_IMODE(state.st_mode))
    os.utime(target, ns=(state.st_atime_ns, state.st_mtime_ns), follow_symlinks=False)
