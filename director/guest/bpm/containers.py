"""One process of a job as bpm knows it: its names, files, lock and state.

Takes a job and a process, gives paths and what runs. Source: cloudfoundry/bpm-release src/bpm/config/bpm_config.go.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from typing import Iterator, List, NamedTuple

from director.guest.layout import Layout
from director.guest.system import files, processes

STOPPED, RUNNING, FAILED = "stopped", "running", "failed"


class BpmContainer(NamedTuple):
    layout: Layout
    job: str
    process: str

    @property
    def name(self) -> str:
        """As people see it."""
        return self.job if self.process == self.job else "%s.%s" % (self.job, self.process)

    @property
    def id(self) -> str:
        """As files are named."""
        return "bpm-" + re.sub(rb"[^A-Za-z0-9_-]", lambda found: b".%02x" % found[0][0], self.name.encode()).decode()

    @property
    def pidfile(self) -> str:
        return os.path.join(self.layout.run, "bpm", self.job, self.process + ".pid")

    @property
    def logs(self) -> str:
        return os.path.join(self.layout.logs, self.job)

    @property
    def root(self) -> str:
        """Where its root file system is put together."""
        return self.layout.path("data", "bpm", "bundles", self.job, self.process, "rootfs")

    @property
    def state_file(self) -> str:
        return self.layout.path("data", "bpm", "state", self.id + ".json")

    def log_file(self, kind: str) -> str:
        """`kind` is "stdout" or "stderr"."""
        return os.path.join(self.logs, "%s.%s.log" % (self.process, kind))

    def pid(self) -> int:
        """The process that runs all the others, 0 if there is none."""
        stored = files.read_json(self.state_file)
        pid = int(stored.get("pid", 0))
        usage = processes.usage_of(pid) if pid else None
        return pid if usage and usage.started_s == stored.get("started_s") else 0

    def survivors(self) -> List[int]:
        """What lives of a process whose first one was killed: its session, whose leader ended when it had started it.

        A session with a living leader is another one, for which the number was used again.
        """
        session = int(files.read_json(self.state_file).get("session", 0))
        if self.pid() or not session or processes.usage_of(session):
            return []
        return processes.members_of(session)

    def state(self) -> str:
        """Failed means that it ended without a stop."""
        if self.pid():
            return RUNNING
        return FAILED if os.path.exists(self.state_file) else STOPPED

    def save(self, pid: int) -> None:
        """Remember what was started, and write the pidfile."""
        usage = processes.usage_of(pid)
        stored = {"pid": pid, "started_s": usage.started_s if usage else 0, "session": processes.session_of(pid)}
        files.write_json(self.state_file, stored)
        files.write_file(self.pidfile, str(pid).encode(), mode=0o644)

    def forget(self) -> None:
        """Remove what start left."""
        for path in (self.pidfile, self.state_file, os.path.dirname(self.root)):
            files.remove_path(path)

    def note(self, event: str, text: str = "", *, level: str = "INFO") -> None:
        """A line of bpm.log."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with contextlib.suppress(OSError), open(os.path.join(self.logs, "bpm.log"), "a", encoding="utf-8") as log:
            log.write("%s [%s] bpm.%s %s %s\n" % (stamp, level, event, self.name, text))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Start, stop and run of one process come one after another."""
        folder = self.layout.path("data", "bpm", "locks")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        os.makedirs(os.path.dirname(self.state_file), mode=0o700, exist_ok=True)
        with open(os.path.join(folder, "job-%s.lock" % self.id), "a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
