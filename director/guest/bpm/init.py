"""The first process of a container: it starts the program, passes signals on, collects orphans, ends with the program.

Takes a process and open log files, does not come back. Source: krallin/tini, as bpm runs it (`tini -w -s`).
"""

from __future__ import annotations

import os
import signal
from typing import Callable, List, NamedTuple, NoReturn, Tuple

from director.guest.bpm import privileges
from director.guest.bpm.configs import BpmProcess
from director.guest.system import processes

_PASSED = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_NOT_FOUND, _NOT_RUNNABLE = 127, 126


class InitProgram(NamedTuple):
    """`streams` are standard input, output and error; `owner` is None for root."""

    process: BpmProcess
    environment: "dict[str, str]"
    directory: str
    streams: Tuple[int, int, int]
    owner: "Tuple[int, int] | None"


def run_init(program: InitProgram, *, note: Callable[[str], None]) -> NoReturn:
    """Run the program to its end, and end as it did: 128 and the signal's number where one ended it."""
    privileges.adopt_orphans()
    for number in _PASSED:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED)
    for problem in privileges.set_limits(program.process.limits):  # here, so that those of `bpm pid` are the program's
        note(problem)
    child = os.fork()
    if child == 0:
        _run_program(program)
    for number in _PASSED:
        signal.signal(number, lambda received, _: _pass_on(child, received))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED)
    status = _wait_for(child)
    if os.getpid() != 1:  # with a first process of a namespace all others end
        end_descendants(os.getpid())
    os._exit(status)


def end_descendants(pid: int) -> None:
    """Kill all that a process started, however far down."""
    for _ in range(20):
        found = _descendants(pid)
        for each in found:
            _kill(each, signal.SIGKILL)
        while found and _reaped():
            pass
        if not found:
            return


def _run_program(program: InitProgram) -> NoReturn:
    process = program.process
    try:
        os.setpgid(0, 0)
        for number, stream in enumerate(program.streams):
            os.dup2(stream, number)
        os.umask(0o022)
        if program.owner and os.getuid() == 0:
            privileges.become_vcap(*program.owner, capabilities=process.capabilities)
        os.chdir(program.directory)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        for number in _PASSED:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED)
        os.closerange(3, 256)
        os.execvpe(process.executable, [process.executable, *process.args], program.environment)
    except OSError as error:
        os.write(2, ("bpm: exec %s failed: %s\n" % (process.executable, error.strerror)).encode("utf-8", "replace"))
        os._exit(_NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_RUNNABLE)


def _wait_for(child: int) -> int:
    while True:
        try:
            pid, status = os.wait()
        except InterruptedError:
            continue
        if pid == child:
            return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _pass_on(child: int, number: int) -> None:
    _kill(child, number)


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _reaped() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] > 0
    except ChildProcessError:
        return False


def _descendants(pid: int) -> List[int]:
    children = processes.children_of_all()
    found: List[int] = []
    waiting = [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found
