"""The files through which verbs and supervisor talk: what is wanted, what is, and who is alive.

Takes a layout, reads and writes small values. Files instead of a socket: the desired and the last state survive any
process.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import struct
from typing import Any, BinaryIO, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional

from director.guest.layout import Layout
from director.guest.supervise import monit_files
from director.guest.supervise.service_set import MODE_RUNNING, MODE_STOPPED, ServiceRequest
from director.guest.system import files
from director.monit import ordering
from director.monit.checks import Check

_FLOCK = "hhqqi4x"  # struct flock of 64-bit Linux


class DesiredServices(NamedTuple):
    """`generation` grows with every request, so that a waiting verb knows that the supervisor has seen its own.

    `services` are single ones of which the command monit wanted something else.
    """

    generation: int = 0
    mode: str = MODE_STOPPED
    services: Mapping[str, ServiceRequest] = {}


def state_path(layout: Layout) -> str:
    return os.path.join(layout.monit, "state.json")


def stopped_marker(layout: Layout) -> str:
    return os.path.join(layout.monit, "stopped")


def read_wanted(layout: Layout) -> DesiredServices:
    """What is wanted; a stopped marker wins, so that a stopped instance stays so after a reboot."""
    stored = files.read_json(os.path.join(layout.monit, "wanted.json"))
    services = {name: ServiceRequest(**request) for name, request in stored.get("services", {}).items()}
    wanted = DesiredServices(int(stored.get("generation", 0)), str(stored.get("mode", MODE_STOPPED)), services)
    if os.path.exists(stopped_marker(layout)) and wanted.mode == MODE_RUNNING:
        return wanted._replace(mode=MODE_STOPPED, services={})
    return wanted


def stamps_of_wanted(layout: Layout) -> "tuple[tuple[int, int], ...]":
    """Others when what `read_wanted` reads has changed."""
    return files.stamp_of(os.path.join(layout.monit, "wanted.json")), files.stamp_of(stopped_marker(layout))


def write_wanted(layout: Layout, mode: str) -> DesiredServices:
    """Wish the same for all services."""
    with _requesting(layout):
        return _save(layout, DesiredServices(read_wanted(layout).generation + 1, mode))


def request_services(layout: Layout, names: Iterable[str], *, mode: str = "", is_restart: bool = False) -> None:
    """Wish something else for some services; without a mode theirs stays. No names: all files are read again."""
    with _requesting(layout):
        wanted = read_wanted(layout)
        services = dict(wanted.services)
        for name in names:
            old = services.get(name, ServiceRequest(wanted.mode))
            services[name] = ServiceRequest(mode or old.mode, old.restarts + is_restart)
        _save(layout, wanted._replace(generation=wanted.generation + 1, services=services))


def _save(layout: Layout, wanted: DesiredServices) -> DesiredServices:
    services = {name: request._asdict() for name, request in wanted.services.items()}
    files.write_json(os.path.join(layout.monit, "wanted.json"), {**wanted._asdict(), "services": services})
    return wanted


@contextlib.contextmanager
def _requesting(layout: Layout) -> Iterator[None]:
    """One wish after another, whichever process has it."""
    with open(os.path.join(layout.monit, "wanted.lock"), "a", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def read_state(layout: Layout) -> Mapping[str, Any]:
    return files.read_json(state_path(layout))


def running_services(layout: Layout) -> List[str]:
    """The names of those that ran when a supervisor last wrote."""
    services = read_state(layout).get("services", ())
    return [str(service["name"]) for service in services if service.get("state") == "running"]


def write_state(layout: Layout, state: Mapping[str, Any]) -> None:
    files.write_json(state_path(layout), state)


def health_of(state: Mapping[str, Any]) -> str:
    """The instance's state as BOSH's agent calls it, from the supervisor's state."""
    if state.get("mode") != MODE_RUNNING:
        return "stopped"
    words = {service["state"] for service in state.get("services", ())}
    return "failing" if state.get("problem") or not words <= {"running"} else "running"


def write_health(layout: Layout, health: str) -> None:
    """Everybody may read it."""
    content = json.dumps({"state": health}).encode()
    files.write_file(os.path.join(layout.instance, "health.json"), content, mode=0o644)


def load_checks(layout: Layout) -> List[Check]:
    """The checks of all installed monit files, ordered by what depends on what."""
    checks: List[Check] = []
    for name in sorted(os.listdir(layout.monit_jobs)):
        path = os.path.join(layout.monit_jobs, name)
        with open(path, encoding="utf-8", errors="replace") as stream:
            checks += monit_files.read_checks(path, stream.read())
    return monit_files.order_checks(ordering.of_group(checks))


def jobs_of_processes(layout: Layout) -> Dict[str, str]:
    """Process to job, by the monit file that describes it: its name begins with the job's place in the spec."""
    jobs = list(reversed(files.read_json(layout.spec_file).get("jobs", [])))
    found: Dict[str, str] = {}
    for name in sorted(os.listdir(layout.monit_jobs)):
        path = os.path.join(layout.monit_jobs, name)
        number = name.partition("_")[0]
        with open(path, encoding="utf-8", errors="replace") as stream:
            checks = monit_files.read_checks(path, stream.read())
        if number.isdigit() and int(number) < len(jobs):
            found.update({check.name: jobs[int(number)] for check in checks})
    return found


def take_lock(layout: Layout) -> Optional[BinaryIO]:
    """The supervisor's lock, held until the file is closed; None when another process holds it."""
    lock = open(_lock_path(layout), "a+b")  # noqa: SIM115 the caller keeps it open as long as it lives
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def supervisor_pid(layout: Layout) -> int:
    """The process that holds the lock; 0 if there is none. Only reads, so it never blocks a supervisor that starts."""
    question = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    try:
        with open(_lock_path(layout), "r+b") as lock:
            answer = struct.unpack(_FLOCK, fcntl.fcntl(lock, fcntl.F_GETLK, question))
    except FileNotFoundError:
        return 0
    return 0 if answer[0] == fcntl.F_UNLCK else int(answer[4])


def signal_supervisor(layout: Layout, number: int = signal.SIGUSR1) -> None:
    """Wake it, or signal it to end; does nothing without a supervisor."""
    pid = supervisor_pid(layout)
    if pid > 0:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return


def _lock_path(layout: Layout) -> str:
    return os.path.join(layout.monit, "supervisor.lock")
