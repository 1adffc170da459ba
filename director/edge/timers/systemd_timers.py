"""Timers of the user's systemd.

Takes a command and a time, writes two unit files and starts the timer.
"""

from datetime import UTC, datetime
from pathlib import Path

from director.edge.machine import atomic_files
from director.edge.timers.timed_command import RunProgram, TimedCommand, timer_failed
from director.ports.end_timers import KeptTimer

_SYSTEMCTL = ("systemctl", "--user")


class SystemdTimers:
    """`folder` holds the user's units. A timer that was due while the machine was off or slept runs afterwards."""

    def __init__(self, folder: Path, run: RunProgram) -> None:
        self._folder = folder
        self._run = run

    def is_there(self) -> bool:
        """Whether the user has a systemd that answers."""
        return self._run([*_SYSTEMCTL, "show-environment"], "").is_good

    def set_timer(self, command: TimedCommand, at: float) -> KeptTimer:
        self.remove_timer(command)
        self._folder.mkdir(parents=True, exist_ok=True)
        atomic_files.replace_file(self._folder / f"{command.name}.service", write_service(command).encode())
        atomic_files.replace_file(self._folder / f"{command.name}.timer", write_timer(command, at).encode())
        for words in (("daemon-reload",), ("enable", "--now", f"{command.name}.timer")):
            if not self._run([*_SYSTEMCTL, *words], "").is_good:
                raise timer_failed("systemctl", words[0])
        lingering = self._run(["loginctl", "show-user", "--property=Linger", "--value"], "").out
        late = "" if lingering.strip() == "yes" else "; after a restart it waits until you sign in"
        return KeptTimer(kind="systemd", words=f"timer {command.name} of your systemd takes it down{late}")

    def remove_timer(self, command: TimedCommand) -> None:
        units = [self._folder / f"{command.name}.{kind}" for kind in ("timer", "service")]
        if not any(unit.exists() for unit in units):
            return
        self._run([*_SYSTEMCTL, "disable", "--now", f"{command.name}.timer"], "")
        for unit in units:
            unit.unlink(missing_ok=True)
        self._run([*_SYSTEMCTL, "daemon-reload"], "")


def write_service(command: TimedCommand) -> str:
    """A service that runs the command once, and every five minutes again until it succeeds."""
    variables = "".join(f"Environment={_quoted(f'{name}={text}')}\n" for name, text in command.variables.items())
    words = " ".join(_quoted(word).replace("$", "$$") for word in command.words)
    return (
        f"[Unit]\nDescription=End of a compleat environment\n\n[Service]\nType=oneshot\n{variables}"
        f"ExecStart={words}\nRestart=on-failure\nRestartSec=300\n"
    )


def write_timer(command: TimedCommand, at: float) -> str:
    """Once, at that moment; Persistent: also if the machine was off then."""
    moment = f"{datetime.fromtimestamp(at, tz=UTC):%Y-%m-%d %H:%M:%S} UTC"
    return (
        f"[Unit]\nDescription=End of a compleat environment\n\n[Timer]\nOnCalendar={moment}\nPersistent=true\n"
        f"AccuracySec=1s\nUnit={command.name}.service\n\n[Install]\nWantedBy=timers.target\n"
    )


def _quoted(word: str) -> str:
    """As systemd reads it: in double quotes, with its own specifiers doubled."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{text}"'
