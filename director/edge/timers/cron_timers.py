"""An entry of the user's crontab.

Takes a command, changes the one line that is its own.
"""

import shlex
from collections.abc import Callable

from director.edge.timers.timed_command import RunProgram, TimedCommand, timer_failed
from director.ports.end_timers import KeptTimer

_EVERY_MIN = 5


class CronTimers:
    """The entry runs every few minutes, and the command does nothing before the end: so a machine that slept, or was
    off, at the end catches up."""

    def __init__(self, run: RunProgram, *, is_running: Callable[[], bool]) -> None:
        self._run = run
        self._is_running = is_running

    def is_there(self) -> bool:
        """Whether a cron daemon runs, and this user may have a crontab."""
        return self._is_running() and self._read() is not None

    def set_timer(self, command: TimedCommand, _at: float) -> KeptTimer:
        before = self._read()
        if before is None:
            raise timer_failed("crontab", "reading")
        if not self._run(["crontab", "-"], with_entry(before, command)).is_good:
            raise timer_failed("crontab", "writing")
        return KeptTimer(kind="cron", words=f"an entry of your crontab takes it down, at most {_EVERY_MIN} min later")

    def remove_timer(self, command: TimedCommand) -> None:
        before = self._read()
        after = without_entry(before, command) if before is not None else None
        if after is not None and after != before and not self._run(["crontab", "-"], after).is_good:
            raise timer_failed("crontab", "writing")

    def _read(self) -> str | None:
        """An absent crontab is an empty one. None where it cannot be read: then nothing is written over it."""
        found = self._run(["crontab", "-l"], "")
        if found.is_good:
            return found.out
        return "" if "no crontab for" in found.error else None


def with_entry(crontab: str, command: TimedCommand) -> str:
    """The crontab with the command's entry in the place of its former one; all other lines stay."""
    variables = " ".join(f"{name}={shlex.quote(text)}" for name, text in command.variables.items())
    line = f"{variables} {shlex.join(command.words)} >>{shlex.quote(str(command.log))} 2>&1".replace("%", "\\%")
    kept = without_entry(crontab, command)
    ending = "" if not kept or kept.endswith("\n") else "\n"
    return f"{kept}{ending}*/{_EVERY_MIN} * * * * {line} {_mark(command)}\n"


def without_entry(crontab: str, command: TimedCommand) -> str:
    """The crontab without it."""
    return "".join(line for line in crontab.splitlines(keepends=True) if not line.rstrip().endswith(_mark(command)))


def _mark(command: TimedCommand) -> str:
    return f"# {command.name}"
