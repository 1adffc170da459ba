"""Whether a program can be run at all, before it is tried.

Takes a command and who is to run it, gives "" or why it never can as things are.
"""

from __future__ import annotations

import os
from typing import Sequence

from director.guest.failures import GuestError
from director.guest.system import users

_FIRST_LINE = 256


def why_not(command: Sequence[str], *, user: str = "", group: str = "") -> str:
    """A failure that waiting does not fix: no such file, no right to run it, no interpreter, no such user."""
    if user or group:
        try:
            users.look_up(user or "root", group)
        except GuestError as error:
            return error.what
    path = command[0]
    if "/" not in path:
        return ""  # looked for on the PATH when it is run
    if not os.path.exists(path):
        return "%s: No such file or directory" % path
    if not os.path.isfile(path):
        return "%s: It is not a file" % path
    if not os.access(path, os.X_OK):
        return "%s: Permission denied" % path
    return _wrong_start(path)


def _wrong_start(path: str) -> str:
    """A script whose first line names an interpreter that this VM does not have."""
    try:
        with open(path, "rb") as stream:
            first = stream.readline(_FIRST_LINE)
    except OSError as error:
        return "%s: %s" % (path, error.strerror)
    if not first.startswith(b"#!"):
        return (
            ""
            if first.startswith(b"\x7fELF") or not _is_text(first)
            else "%s: It has no first line like #!/bin/bash" % path
        )
    words = first[2:].decode("utf-8", "replace").split()
    if not words or not os.path.exists(words[0]):
        return "%s: Its interpreter %s does not exist" % (path, words[0] if words else "(none)")
    return ""


def _is_text(line: bytes) -> bool:
    return all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in line)
