"""A supervisor that is signalled the moment its lock is visible continues: starting it does exactly that."""

import os
import signal
import subprocess
import time

from director.guest.layout import Layout
from director.guest.supervise import control_files
from tests.support import guest_process
from tests.support.guest_process import GuestProcess, until

TIMES = 12


def test_a_signal_at_the_first_instant_does_not_end_a_supervisor(guest: GuestProcess) -> None:
    layout = Layout(str(guest.base))
    assert [_survives(guest, layout) for _ in range(TIMES)] == [True] * TIMES


def _survives(guest: GuestProcess, layout: Layout) -> bool:
    (guest.base / "monit" / "state.json").unlink(missing_ok=True)
    argv = [guest_process.PYTHON, "-I", "-S", str(guest.program), "supervise"]
    starting = subprocess.Popen(argv, env=guest.environment, stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not (pid := control_files.supervisor_pid(layout)):
        assert time.monotonic() < deadline, "no supervisor came up"
    os.kill(pid, signal.SIGUSR1)
    starting.wait()
    until(lambda: control_files.supervisor_pid(layout) != pid or control_files.read_state(layout))
    is_alive = control_files.supervisor_pid(layout) == pid
    control_files.signal_supervisor(layout, signal.SIGTERM)
    until(lambda: not control_files.supervisor_pid(layout))
    return is_alive
