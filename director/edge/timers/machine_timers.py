"""The EndTimers port for real: the best that this machine has.

Takes a home, gives timers.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from pathlib import Path

from cpi.contract.value_classes import dataclass
from director.edge.machine import atomic_files
from director.edge.timers.cron_timers import CronTimers
from director.edge.timers.process_timers import ProcessTimers
from director.edge.timers.systemd_timers import SystemdTimers
from director.edge.timers.timed_command import RunProgram, run_program, timed_command
from director.errors import InputError
from director.model.ids import EnvironmentName
from director.ports.end_timers import KeptTimer

CHOICE = "COMPLEAT_TIMER"
_LOGIN = ("AWS_", "AZURE_", "ARM_", "OS_")
"""Beginnings of variables that a login may come from: only a process keeps them."""
_NAMED = 3


def is_cron_running() -> bool:
    """Whether a process of this machine is cron."""
    names = {"cron", "crond"}
    try:
        found = [entry for entry in os.scandir("/proc") if entry.name.isdigit()]
    except OSError:
        return False
    return any(_name_of(entry.path) in names for entry in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineTimers:
    """`variables` are those of this process. What is replaced or removed is looked for in every scheduler."""

    home: Path
    variables: Mapping[str, str]
    run: RunProgram = field(default=run_program)
    is_cron_running: Callable[[], bool] = field(default=is_cron_running)

    def set_timer(self, environment: EnvironmentName, at: float) -> KeptTimer:
        """Raises InputError, code `timer-unknown`; StateError, code `timer-failed`."""
        atomic_files.make_private(self.home / "timers")
        self.remove_timer(environment)
        command = timed_command(self.home, environment)
        kind, why = self._choose()
        if kind == "systemd":
            return self._systemd().set_timer(command, at)
        if kind == "cron":
            return self._cron().set_timer(command, at)
        kept = self._process().set_timer(command, at)
        return replace(kept, words=f"{kept.words}{why}")

    def remove_timer(self, environment: EnvironmentName) -> None:
        command = timed_command(self.home, environment)
        self._systemd().remove_timer(command)
        if self.is_cron_running():
            self._cron().remove_timer(command)
        self._process().remove_timer(command)

    def _choose(self) -> tuple[str, str]:
        """A kind, and why it is no better one."""
        wanted = self.variables.get(CHOICE, "")
        if wanted in {"systemd", "cron", "process"}:
            return wanted, ""
        if wanted:
            raise InputError(
                "timer-unknown",
                f"{CHOICE} is '{wanted[:80]}', which is no kind of timer.",
                why="Timers are kept by systemd, cron or process.",
                fix=f"Set {CHOICE} to one of them, or unset it.",
            )
        login = sorted(name for name in self.variables if name.startswith(_LOGIN))
        if login:
            more = f" and {len(login) - _NAMED} more" if len(login) > _NAMED else ""
            names = f"{', '.join(login[:_NAMED])}{more}"
            return "process", f" (no scheduler is used, because it would not have {names})"
        if self._systemd().is_there():
            return "systemd", ""
        if self._cron().is_there():
            return "cron", ""
        return "process", " (neither a systemd of your user nor cron answers here)"

    def _systemd(self) -> SystemdTimers:
        configs = self.variables.get("XDG_CONFIG_HOME") or str(Path(self.variables.get("HOME", "/root"), ".config"))
        return SystemdTimers(Path(configs, "systemd", "user"), self.run)

    def _cron(self) -> CronTimers:
        return CronTimers(self.run, is_running=self.is_cron_running)

    def _process(self) -> ProcessTimers:
        return ProcessTimers(self.home / "timers")


def _name_of(process: str) -> str:
    try:
        return Path(process, "comm").read_text().strip()
    except OSError:
        return ""
