"""`bpm run`: a process in the foreground, its output shown and kept in its log files.

Takes a container and a process, gives its exit code. Source: cloudfoundry/bpm-release src/bpm/commands/run.go.
"""

from __future__ import annotations

import os
import selectors
import signal
from typing import Tuple

from director.guest.bpm import directories, lifecycle, privileges
from director.guest.bpm.configs import BpmProcess
from director.guest.bpm.containers import RUNNING, BpmContainer
from director.guest.failures import GuestError


def run(container: BpmContainer, process: BpmProcess) -> int:
    """Run it to its end. 0 where it runs already; raises what start raises."""
    with container.locked():
        if container.state() == RUNNING:
            return 0
        container.forget()
        directories.create_directories(container, process)
        logs = (directories.open_log(container, "stdout"), directories.open_log(container, "stderr"))
        lifecycle.run_hook(container, process, logs)
        privileges.adopt_orphans()
        pipes = (_pipe_of(container), _pipe_of(container))
        launched = lifecycle.launch(container, process, (pipes[0][1], pipes[1][1]))
        for _, writer in pipes:
            os.close(writer)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, _: os.kill(launched.pid, received))
        _copy(((pipes[0][0], (1, logs[0])), (pipes[1][0], (2, logs[1]))))
        return _exit_code(launched.pid)


def _pipe_of(container: BpmContainer) -> Tuple[int, int]:
    """A pipe that the process may also open by name."""
    reader, writer = os.pipe()
    if os.getuid() == 0:
        os.fchown(writer, *directories.vcap_of(container.layout))
    return reader, writer


def _copy(streams: "Tuple[Tuple[int, Tuple[int, int]], ...]") -> None:
    """Write what comes from each reader to both of its targets, until all are closed."""
    with selectors.DefaultSelector() as waiting:
        for reader, targets in streams:
            waiting.register(reader, selectors.EVENT_READ, targets)
        while waiting.get_map():
            ended = [key.fd for key, _ in waiting.select() if not _copy_once(key.fd, key.data)]
            for reader in ended:
                waiting.unregister(reader)


def _copy_once(reader: int, targets: Tuple[int, int]) -> bool:
    """Whether there may be more."""
    data = os.read(reader, 65536)
    for target in targets if data else ():
        os.write(target, data)
    return bool(data)


def _exit_code(pid: int) -> int:
    try:
        status = os.waitpid(pid, 0)[1]
    except ChildProcessError as error:
        raise GuestError("bpm-start-failed", "the end of the process could not be seen") from error
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
