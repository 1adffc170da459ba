"""Scripts run in a clean environment, each in a process group of its own that ends with its caller.

Takes commands, gives exit codes; output goes to files, so that a daemon left behind blocks nothing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from typing import Dict, List, Mapping, NamedTuple, Set

from director.guest.calls import VerbCall
from director.guest.failures import GuestError
from director.guest.layout import Layout

_OBSERVE_LIMIT_S = 0.25
_GRACE_S = 10.0
_LAST_GRACE_S = 2.0
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_Child = subprocess.Popen  # its type parameter does not exist before Python 3.9


class Script(NamedTuple):
    """One command to run; `stdout` and `stderr` are files that its output is appended to."""

    command: List[str]
    environment: Mapping[str, str]
    directory: str
    stdout: str
    stderr: str


def clean_environment(layout: Layout, **extra: str) -> Dict[str, str]:
    """What every script gets: nothing of the caller's own environment."""
    plain = {"PATH": layout.bin + ":" + _SYSTEM_PATH, "HOME": "/root", "LANG": "C.UTF-8"}
    if not layout.is_default:
        plain["COMPLEAT_GUEST_BASE"] = layout.base
    return {**plain, **extra}


def last_lines(path: str, *, size: int = 10240, start: int = 0) -> str:
    """The end of a file as text, whole lines where there is more; "" when it is not there.

    Nothing before `start`, unless the file was cut since.
    """
    try:
        with open(path, "rb") as stream:
            length = stream.seek(0, os.SEEK_END)
            start = start if start <= length else 0
            stream.seek(max(start, length - size))
            tail = stream.read(size)
    except OSError:
        return ""
    if length - start > size:
        tail = tail.partition(b"\n")[2] or tail
    return tail.decode("utf-8", "replace").rstrip("\n")


class NewOutput:
    """What a script writes from now on: its logs may hold what it said last time."""

    def __init__(self, script: Script) -> None:
        self._starts = {path: size_of(path) for path in (script.stdout, script.stderr)}

    def last_lines(self, path: str, *, size: int) -> str:
        return last_lines(path, size=size, start=self._starts[path])

    def newest_line(self) -> str:
        """The last line of the stream that was written to last."""
        newest = max(self._starts, key=lambda path: os.stat(path).st_mtime_ns)
        return self.last_lines(newest, size=400).rpartition("\n")[2]


def size_of(path: str) -> int:
    """A file's length; 0 when it is not there."""
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


class Scripts:
    """The scripts that run now; `end_all` ends them and lets no new one begin."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: Set[_Child[bytes]] = set()
        self._is_closed = False

    def run(self, script: Script, call: VerbCall) -> int:
        """Run to the end; gives the exit code, -N when signal N ended it. Tells the call the last line now and then."""
        output = NewOutput(script)
        with open(script.stdout, "ab") as stdout, open(script.stderr, "ab") as stderr:
            os.chmod(script.stdout, 0o640)
            os.chmod(script.stderr, 0o640)
            child = self._start(script, stdout.fileno(), stderr.fileno())
        try:
            while True:
                try:
                    return child.wait(_OBSERVE_LIMIT_S)
                except subprocess.TimeoutExpired:
                    call.report(output.newest_line())
                if call.is_cancelled():
                    end_group(child, grace_s=_GRACE_S)
                    raise GuestError("cancelled", "The script %s was ended on request." % script.command[-1])
        finally:
            with self._lock:
                self._running.discard(child)

    def end_all(self) -> None:
        with self._lock:
            self._is_closed = True
            running = list(self._running)
        for child in running:
            signal_group(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + _LAST_GRACE_S
        while time.monotonic() < deadline and any(child.poll() is None for child in running):
            time.sleep(0.02)
        for child in running:
            signal_group(child.pid, signal.SIGKILL)

    def _start(self, script: Script, stdout: int, stderr: int) -> _Child[bytes]:
        with self._lock:
            if self._is_closed:
                raise GuestError("cancelled", "The connection to the director closed.")
            try:
                child = subprocess.Popen(
                    script.command,
                    env=dict(script.environment),
                    cwd=script.directory,
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    start_new_session=True,
                )
            except OSError as error:
                raise GuestError(
                    "script-not-runnable",
                    "The script %s is not executable." % script.command[-1],
                    why=str(error),
                    fix="Give it a first line such as #!/bin/bash, and an interpreter that this image has.",
                ) from error
            self._running.add(child)
            return child


def end_group(child: _Child[bytes], *, grace_s: float) -> None:
    """Ask a process group to end, then make it."""
    signal_group(child.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(grace_s)
    signal_group(child.pid, signal.SIGKILL)
    child.wait()


def signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return
