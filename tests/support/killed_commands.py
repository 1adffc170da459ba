"""A command that is killed in the middle, as by the machine's end.

Takes a command and when to kill it; fails where the command ends before that.
"""

import os
import signal
import time
from collections.abc import Callable

from tests.support.command import Compleat


def kill_when(
    is_time: Callable[[], bool], compleat: Compleat, *words: str, patience_s: float = 60.0, pause_s: float = 0.002
) -> None:
    """Start the command, and kill it with its children as soon as it is time."""
    with compleat.started(*words) as process:
        until_s = time.monotonic() + patience_s
        while not is_time():
            assert process.poll() is None, "it ended before the moment came"
            assert time.monotonic() < until_s, "the moment did not come"
            time.sleep(pause_s)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait(patience_s) == -signal.SIGKILL
