"""A process that waits for the end and runs the command: where the machine has no scheduler for this user.

Takes a command and a time, starts a process.
"""

import os
import secrets
import subprocess
from pathlib import Path

from director.edge.machine import atomic_files
from director.edge.timers.timed_command import TimedCommand
from director.ports.end_timers import KeptTimer

_SCRIPT = """\
file=$1 token=$2 end=$3; shift 3
{ while [ "$(cat "$file" 2>/dev/null)" = "$token" ]; do
  left=$((end - $(date +%s)))
  if [ "$left" -le 0 ]; then "$@"; left=60; fi
  [ "$left" -gt 20 ] && left=20
  sleep "$left"
done; } &
"""
"""It looks at the clock again and again, because a machine that sleeps stops the time of `sleep`. It ends as soon as
the file names another process, or is gone; a command that failed is run again. The shell that starts it ends at once.
"""


class ProcessTimers:
    """`folder` holds a file for each timer, with the token of the process that counts: an older one ends itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def set_timer(self, command: TimedCommand, at: float) -> KeptTimer:
        atomic_files.make_private(self._folder)
        token, file = secrets.token_hex(8), self._file(command)
        atomic_files.replace_file(file, token.encode())
        log = os.open(command.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            subprocess.run(
                ["/bin/sh", "-c", _SCRIPT, command.name, str(file), token, str(int(at)), *command.words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={**os.environ, **command.variables},
                start_new_session=True,
                check=True,
            )
        finally:
            os.close(log)
        return KeptTimer(
            kind="process",
            words="a process of its own takes it down; it does not survive a restart of the machine",
        )

    def remove_timer(self, command: TimedCommand) -> None:
        self._file(command).unlink(missing_ok=True)

    def _file(self, command: TimedCommand) -> Path:
        return self._folder / f"{command.name}.token"
