"""What this VM says of its own health: the supervisor's word, and the jobs' own `bin/dns/healthy`.

Takes a layout and the time, gives Health; scripts run one after another's end, never two of one job. Source:
cloudfoundry/bosh-dns-release src/bosh-dns/healthcheck/healthexecutable/monitor.go.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Any, Dict, List, Optional, Tuple

from director.guest.dns import health_messages
from director.guest.dns.health_messages import Health
from director.guest.layout import Layout
from director.guest.system import files, scripts

SCRIPT = os.path.join("bin", "dns", "healthy")
PAUSE_S = 1.0
LONGEST_S = 10.0


class _Script:
    def __init__(self, path: str) -> None:
        self.path = path
        self.state = "running"  # until its first run says otherwise, the supervisor's word counts alone
        self.due_at = 0.0
        self.child: "Optional[subprocess.Popen[bytes]]" = None


class OwnHealth:
    """Looked at several times a second; files are read again only where they changed."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._scripts: Dict[str, _Script] = {}
        self._groups: Dict[str, List[str]] = {}
        self._links: "Dict[str, Tuple[Tuple[int, int], List[str]]]" = {}
        self._jobs_seen = 0.0
        self._supervisor = "failing"
        self._file_seen = -1

    def look(self, now: float) -> Health:
        """The health as of now."""
        self._read_supervisor()
        if now - self._jobs_seen >= PAUSE_S:
            self._read_jobs()
            self._jobs_seen = now
        for script in self._scripts.values():
            self._run(script, now)
        is_well = all(script.state == "running" for script in self._scripts.values())
        overall = self._supervisor if is_well else "failing"
        groups: Dict[str, str] = {}
        for job, own in self._groups.items():
            state = self._scripts[job].state if job in self._scripts else overall
            groups.update(dict.fromkeys(own, state))
        return Health(overall, groups)

    def _read_supervisor(self) -> None:
        path = self._layout.path("instance", "health.json")
        try:
            seen = os.stat(path).st_mtime_ns
        except OSError:
            self._supervisor, self._file_seen = "failing", -1
            return
        if seen != self._file_seen:
            read = health_messages.read_health(files.read_json(path))
            self._supervisor, self._file_seen = read.state if read else "failing", seen

    def _read_jobs(self) -> None:
        try:
            jobs = sorted(os.listdir(self._layout.jobs))
        except OSError:
            jobs = []
        paths = {job: os.path.join(self._layout.jobs, job, SCRIPT) for job in jobs}
        there = {job: path for job, path in paths.items() if os.access(path, os.X_OK)}
        self._scripts = {job: self._scripts.get(job) or _Script(path) for job, path in there.items()}
        self._links = {job: self._read_links(job) for job in jobs}
        self._groups = {job: groups for job, (_, groups) in self._links.items()}

    def _read_links(self, job: str) -> "Tuple[Tuple[int, int], List[str]]":
        """The file's stamp, and the groups in it."""
        path = os.path.join(self._layout.jobs, job, ".bosh", "links.json")
        stamp = files.stamp_of(path)
        known = self._links.get(job)
        return known if known is not None and known[0] == stamp else (stamp, _groups_of(path))

    def _run(self, script: _Script, now: float) -> None:
        if script.child is None:
            if now >= script.due_at:
                script.due_at = now + LONGEST_S
                script.child = self._start(script)
            return
        code = script.child.poll()
        if code is None and now < script.due_at:
            return
        if code is None:
            scripts.signal_group(script.child.pid, signal.SIGKILL)
            script.child.wait()
        script.state = "running" if code == 0 else "failing"
        script.child, script.due_at = None, now + PAUSE_S

    def _start(self, script: _Script) -> "Optional[subprocess.Popen[bytes]]":
        try:
            return subprocess.Popen(
                [script.path],
                env=scripts.clean_environment(self._layout),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            script.state = "failing"
            return None


def _groups_of(path: str) -> List[str]:
    try:
        with open(path, "rb") as stream:
            links: Any = json.load(stream)
    except (OSError, ValueError):
        return []
    if not isinstance(links, list):
        return []
    return [str(link["group"]) for link in links if isinstance(link, dict) and link.get("group")]
