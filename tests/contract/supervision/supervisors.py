"""Debian's monit and our own supervisor behind one set of verbs, so that one test asks both.

Takes jobs (a monit file and a control script), gives what can be seen from outside: words, processes, programs called.
"""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.support.guest_process import GuestProcess, VerbError, rendered, until

RUNNING, NOT_RUNNING, UNMONITORED = "running", "not running", "unmonitored"

_MONITRC = """set daemon 1
set pidfile {base}/monit/monit.pid
set statefile {base}/monit/monit.state
set idfile {base}/monit/monit.id
set log {base}/monit/monit.log
set onreboot laststate
set httpd unixsocket {base}/monit/socket allow localhost
include {base}/monit/job/*.monitrc
"""
_TYPES = ("Process", "File", "Directory")
_OUR_WORDS = {
    "running": RUNNING,
    "starting": NOT_RUNNING,
    "failing": NOT_RUNNING,
    "stopping": NOT_RUNNING,
    "stopped": UNMONITORED,
    "unmonitored": UNMONITORED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`{base}` in both texts is the supervisor's /var/vcap."""

    name: str
    monit: str
    control: str


class Supervisor(Protocol):
    """`start` wishes only; `stop` waits for the end, and is False when something would not end."""

    @property
    def base(self) -> Path: ...
    def start(self, jobs: Sequence[Job]) -> None: ...
    def stop(self) -> bool: ...
    def unmonitor(self) -> None: ...
    def begin_anew(self) -> None:
        """Kill the supervisor alone, hard, and start it as after a boot."""

    def look(self) -> None:
        """Wait until it has looked at its processes once more."""

    def words(self) -> Mapping[str, str]: ...
    def close(self) -> None: ...


@dataclass
class Monit:
    folder: Path

    @property
    def base(self) -> Path:
        return self.folder / "vcap"

    def start(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            for folder in (self.base / "jobs" / job.name / "bin", self.base / "sys" / "run" / job.name):
                folder.mkdir(parents=True, exist_ok=True)
            control = self.base / "jobs" / job.name / "bin" / "ctl"
            control.write_text(job.control.replace("{base}", str(self.base)))
            control.chmod(0o755)
        (self.base / "monit" / "job").mkdir(parents=True)
        for number, job in enumerate(reversed(jobs)):
            file = self.base / "monit" / "job" / f"{number:04d}_{job.name}.monitrc"
            file.write_text(job.monit.replace("{base}", str(self.base)))
            file.chmod(0o600)
        self._rc.write_text(_MONITRC.format(base=self.base))
        self._rc.chmod(0o600)
        self._launch()

    def stop(self) -> bool:
        self._ask("-g", "vcap", "stop")
        until(lambda: set(self.words().values()) == {UNMONITORED} and "pending" not in self._ask("status", "-B"))
        return not any(is_alive(pid_of(self, name)) for name in self.words())

    def unmonitor(self) -> None:
        self._ask("-g", "vcap", "unmonitor")
        until(lambda: set(self.words().values()) == {UNMONITORED})

    def begin_anew(self) -> None:
        pid = self._pid()
        os.kill(pid, signal.SIGKILL)
        until(lambda: not is_alive(pid))
        for name in ("socket", "monit.pid"):  # by which it would take the dead one for a living one
            (self.base / "monit" / name).unlink()
        self._launch()

    def look(self) -> None:
        before = self._collected()
        until(lambda: self._collected() != before)

    def _collected(self) -> str:
        """When it looked at the machine itself, which is not in the group and so never stopped."""
        return self._ask("status", "-B").rpartition("data collected")[2].strip()

    def words(self) -> Mapping[str, str]:
        rows = [line.strip().rsplit(maxsplit=1) for line in self._ask("summary", "-B").splitlines()]
        reported = dict(row[0].split(maxsplit=1) for row in rows if row and row[-1] in _TYPES)
        return {name: _word(status) for name, status in reported.items()}

    def close(self) -> None:
        pid = self._pid()
        if pid:
            os.kill(pid, signal.SIGTERM)
            until(lambda: not is_alive(pid))

    @property
    def _rc(self) -> Path:
        return self.base / "monit" / "monitrc"

    def _pid(self) -> int:
        try:
            return int((self.base / "monit" / "monit.pid").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def _launch(self) -> None:
        self._ask()
        until(lambda: self._call("summary", "-B").returncode == 0)

    def _ask(self, *words: str) -> str:
        done = self._call(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def _call(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = ["monit", "-c", str(self._rc), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)


def _word(status: str) -> str:
    if status.startswith("OK"):
        return RUNNING
    return UNMONITORED if status.startswith("Not monitored") else NOT_RUNNING


@dataclass
class Ours:
    folder: Path

    def __post_init__(self) -> None:
        self._guest = GuestProcess(self.folder).start()
        self._noted = 0

    @property
    def base(self) -> Path:
        return self._guest.base

    def start(self, jobs: Sequence[Job]) -> None:
        files = {}
        for job in jobs:
            monit, control = (text.replace("{base}", str(self.base)) for text in (job.monit, job.control))
            files[job.name] = {"monit": rendered(monit), "bin/ctl": rendered(control, is_executable=True)}
        spec = {"configuration_hash": "x", "jobs": [job.name for job in jobs], "packages": []}
        self._guest.call("apply", spec=spec, files=files)
        self._guest.call("start")

    def stop(self) -> bool:
        try:
            self._guest.call("stop", timeout_s=20)
        except VerbError as error:
            assert error.code == "services-would-not-stop"
            return False
        return True

    def unmonitor(self) -> None:
        self._guest.call("drain", type="shutdown")
        self._noted = self._written()

    def begin_anew(self) -> None:
        pid, self._noted = self._guest.supervisor(), self._written()
        if pid:
            os.kill(pid, signal.SIGKILL)
            until(lambda: self._guest.supervisor() == 0)
        self._guest.hang_up()
        self._guest.start()

    def look(self) -> None:
        """Without a supervisor nothing is checked. With one, the state is written every five seconds at the latest."""
        until(lambda: self._guest.supervisor() == 0 or self._written() != self._noted)
        self._noted = self._written()

    def _written(self) -> int:
        return (self.base / "monit" / "state.json").stat().st_mtime_ns

    def words(self) -> Mapping[str, str]:
        state = json.loads((self.base / "monit" / "state.json").read_text())
        return {service["name"]: _OUR_WORDS[service["state"]] for service in state["services"]}

    def close(self) -> None:
        self._guest.close()


def pid_of(supervisor: Supervisor, name: str) -> int:
    """The pid in its pidfile, 0 when there is none."""
    try:
        return int((supervisor.base / "sys" / "run" / name / f"{name}.pid").read_text() or 0)
    except FileNotFoundError:
        return 0


def is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return bool(pid) and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
