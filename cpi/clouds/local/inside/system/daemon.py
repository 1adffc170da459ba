"""Leave the caller: a process of its own session that tells its starter when it is ready.

Takes a log file and what to run, gives the starter's exit code: 0 once ready, 1 with the cause on stderr.
"""

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from cpi.clouds.local.inside.system import log

READY = b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The starter's ear."""

    descriptor: int

    def report(self) -> None:
        """Everything stands."""
        os.write(self.descriptor, READY)
        os.close(self.descriptor)

    def fail(self, cause: BaseException) -> None:
        """It will never stand."""
        os.write(self.descriptor, f"{type(cause).__name__}: {cause}".encode()[:4000])


def start_detached(log: str, run: Callable[[Ready], None]) -> int:
    """Fork `run` into its own session, its output into `log`; wait until it is ready or gone."""
    ear, mouth = os.pipe()
    if os.fork() == 0:
        os.close(ear)
        _become_daemon(log)
        run_to_the_end(Ready(descriptor=mouth), run)
    os.close(mouth)
    answer = read_all(ear)
    if answer == READY:
        return 0
    sys.stderr.write(answer.decode(errors="replace") or f"It ended before it was ready; {log} has details.")
    return 1


def run_to_the_end(ready: Ready, run: Callable[[Ready], None]) -> None:
    """Run, and exit the process in any case; a failure is reported and logged."""
    code = 0
    try:
        run(ready)
    except BaseException as error:
        log.say(traceback.format_exc())
        _report_failure(ready, error)
        code = 1
    finally:
        os._exit(code)


def read_all(descriptor: int) -> bytes:
    """Read until the last writer is gone, and close."""
    chunks = []
    while chunk := os.read(descriptor, 65536):
        chunks.append(chunk)
        if chunk == READY:
            break
    os.close(descriptor)
    return b"".join(chunks)


def keep_only(*descriptors: int) -> None:
    """Close every descriptor above stderr but these: an inherited directory is a way out."""
    low = 3
    for descriptor in sorted(descriptors):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def point_output(log: str) -> None:
    """Read nothing, write to `log`."""
    nothing = os.open("/dev/null", os.O_RDONLY)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.close(nothing)
    os.close(out)


def _become_daemon(log: str) -> None:
    os.setsid()
    os.chdir("/")
    os.umask(0o022)
    point_output(log)


def _report_failure(ready: Ready, error: BaseException) -> None:
    try:
        ready.fail(error)
    except OSError:
        log.say("The starter is gone.")
