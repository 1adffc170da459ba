"""Files written whole or not at all, and links swapped in one step.

Takes paths and content, changes the disk; a reader never sees half of anything.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import threading
from typing import Any, Mapping, Optional, Tuple

from director.guest.failures import GuestError

MOST_NAME_BYTES = 255


def write_file(path: str, content: bytes, *, mode: int = 0o600, owner: "Optional[Tuple[int, int]]" = None) -> None:
    """`owner` is set where root writes for others; the file is theirs before it has its name."""
    temporary = "%s.%d.%d.new" % (path, os.getpid(), threading.get_ident())
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode), "wb") as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), mode)
            if owner is not None and os.getuid() == 0:
                os.fchown(stream.fileno(), *owner)
        os.replace(temporary, path)
    except OSError as error:
        remove_path(temporary)
        raise full_or(error, path) from error


def full_or(error: OSError, path: str) -> Exception:
    """The error as it is, or `disk-full` when that is what it says."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return error
    return GuestError(
        "disk-full",
        "The disk that holds %s is full." % path,
        why=str(error.strerror),
        fix="Use a bigger VM type, or remove what fills the disk.",
    )


def write_json(path: str, value: Mapping[str, Any]) -> None:
    write_file(path, json.dumps(value, indent=1, sort_keys=True).encode() + b"\n")


def read_bytes(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def read_json(path: str) -> Mapping[str, Any]:
    """The object in the file; {} when the file is missing or torn, as after a power cut."""
    try:
        with open(path, "rb") as stream:
            value = json.load(stream)
    except (FileNotFoundError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def stamp_of(path: str) -> "Tuple[int, int]":
    """Another value when another file has the path; (0, 0) where there is none."""
    try:
        known = os.stat(path)
    except OSError:
        return 0, 0
    return known.st_mtime_ns, known.st_ino


def point_link(link: str, target: str) -> None:
    """Make `link` lead to `target`, replacing another link in one step; twice is once."""
    if os.path.islink(link) and os.readlink(link) == target:
        return
    temporary = "%s.%d.new" % (link, threading.get_ident())
    remove_path(temporary)
    os.symlink(target, temporary)
    if os.path.isdir(link) and not os.path.islink(link):
        remove_path(link)
    os.replace(temporary, link)


def remove_path(path: str) -> None:
    """Remove a file, a link or a whole directory; absent is success."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=False)
    elif os.path.lexists(path):
        os.unlink(path)


def is_plain_name(name: str) -> bool:
    """Whether a name is one path component that cannot lead elsewhere, and that a file can have."""
    is_there = bool(name) and name not in (".", "..") and "/" not in name and "\0" not in name
    return is_there and len(name.encode("utf-8", "surrogateescape")) <= MOST_NAME_BYTES


def check_plain_name(name: str, kind: str) -> str:
    if not is_plain_name(name):
        raise GuestError("unsafe-name", "The %s name %r is not a plain file name." % (kind, name))
    return name
