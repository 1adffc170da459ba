"""Programs of the VM's image that we call, and small files of /sys.

Takes a command, gives what went wrong, if anything did.
"""

from __future__ import annotations

import subprocess
from typing import List, Tuple

_NOT_FOUND = 127


def failure_of(command: List[str], *, stdin: bytes = b"", well: Tuple[int, ...] = (0,)) -> str:
    """Run it to its end; why it failed, "" when it did not. `well` are the exit codes that mean so."""
    done = _run(command, stdin)
    if done.returncode == _NOT_FOUND:
        return "this image has no %s" % command[0]
    output = done.stdout.decode("utf-8", "replace").strip()[-500:]
    return "" if done.returncode in well else "%s: %s" % (command[0], output or "exit code %d" % done.returncode)


def answer_of(command: List[str]) -> str:
    """What it prints, without blanks at the ends; "" when it fails or is not there."""
    done = _run(command, b"")
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""


def content_of(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as stream:
        return stream.read()


def _run(command: List[str], stdin: bytes) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, cwd="/"
        )
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, _NOT_FOUND, b"")
