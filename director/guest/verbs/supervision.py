"""The verbs start and stop, and what get_state says of processes.

Takes the installed jobs, gives the supervisor its wishes and reads its answers.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Any, Callable, Dict, List, Mapping

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.failures import GuestError
from director.guest.guests import Guest
from director.guest.layout import Layout
from director.guest.supervise import control_files, monit_files
from director.guest.supervise.control_files import DesiredServices
from director.guest.supervise.service_set import MODE_RUNNING, MODE_STOPPED, MODE_UNMONITORED, ServiceState, job_state
from director.guest.system import files, processes
from director.guest.system.scripts import clean_environment
from director.guest.verbs import last_words

_ANSWER_S = 5.0
_STOP_S = 300.0
_OBSERVE_LIMIT_S = 0.02


def start_services(guest: Guest, arguments: Arguments, call: VerbCall) -> str:
    """Install the monit files of all jobs and want them running; returns without waiting for health."""
    layout = guest.layout
    with guest.changing:
        _install_monit_files(layout)
        control_files.load_checks(layout)
        last_words.mark_logs(layout)
        files.remove_path(control_files.stopped_marker(layout))
        wanted = control_files.write_wanted(layout, MODE_RUNNING)
    ensure_supervisor(guest)
    _await_state(layout, call, is_done=lambda now: _has_seen(now, wanted), timeout_s=_ANSWER_S)
    return "started"


def stop_services(guest: Guest, arguments: Arguments, call: VerbCall) -> str:
    """Stop everything and wait; what does not stop is named. Raises services-would-not-stop."""
    layout = guest.layout
    with guest.changing:
        wanted = control_files.write_wanted(layout, MODE_STOPPED)
    ensure_supervisor(guest)
    state = _await_state(
        layout, call, is_done=lambda now: _has_settled(now, wanted), timeout_s=arguments.number("timeout_s", _STOP_S)
    )
    left = [service["name"] for service in state.get("services", []) if service["pid"]]
    if left:
        raise GuestError(
            "services-would-not-stop",
            "Processes still run after stop: %s." % ", ".join(left),
            why=state.get("problem", "") or "their stop programs did not end them in time",
            fix="Check their logs; the VM may have to be recreated.",
        )
    files.write_file(control_files.stopped_marker(layout), b"")
    return "stopped"


def unmonitor_services(guest: Guest, call: VerbCall) -> None:
    """Stop watching, stop nothing: what ends now stays ended."""
    with guest.changing:
        wanted = control_files.write_wanted(guest.layout, MODE_UNMONITORED)
    ensure_supervisor(guest)
    _await_state(guest.layout, call, is_done=lambda state: _has_settled(state, wanted), timeout_s=_ANSWER_S)


def ensure_supervisor(guest: Guest) -> None:
    """Have a supervisor of this version running and awake. Raises supervisor-dead."""
    layout = guest.layout
    pid = control_files.supervisor_pid(layout)
    if pid and control_files.read_state(layout).get("version", guest.version) != guest.version:
        control_files.signal_supervisor(layout, signal.SIGTERM)
        wait_until(lambda: control_files.supervisor_pid(layout) != pid)
        pid = 0
    if not pid:
        _launch_supervisor(guest)
    control_files.signal_supervisor(layout)


def describe_services(layout: Layout) -> Dict[str, Any]:
    """job_state and processes, as get_state tells them."""
    state = control_files.read_state(layout)
    wanted = control_files.read_wanted(layout)
    services = [_service_state(service) for service in state.get("services", [])]
    return {
        "job_state": _job_state(layout, services, wanted),
        "processes": [_describe_process(service) for service in services],
        "problem": state.get("problem", ""),
    }


def _job_state(layout: Layout, services: List[ServiceState], wanted: DesiredServices) -> str:
    if os.path.exists(control_files.stopped_marker(layout)):
        return "stopped"
    if not wanted.generation or (wanted.mode != MODE_RUNNING and not services):
        return "stopped"  # nothing was asked to run: BOSH's agent calls all of nothing running, and people were misled
    state = control_files.read_state(layout)
    if not control_files.supervisor_pid(layout):
        return "unknown"
    if state.get("generation", 0) < wanted.generation:
        return "starting"
    return "failing" if state.get("problem") else job_state(services)


def _service_state(stored: Mapping[str, Any]) -> ServiceState:
    """What a supervisor wrote, maybe one of another version."""
    return ServiceState(**{name: value for name, value in stored.items() if name in ServiceState._fields})


def _describe_process(service: ServiceState) -> Dict[str, Any]:
    usage = processes.usage_of(service.pid) if service.pid else None
    up_s = max(processes.uptime_s() - usage.started_s, 0.01) if usage else 0.0
    return {
        "name": service.name,
        "state": service.state,
        "uptime_s": int(up_s),
        "mem_kib": usage.mem_kib if usage else 0,
        "cpu_percent": round(100 * usage.cpu_s / up_s, 1) if usage else 0.0,
        "restarts": service.restarts,
        "problem": service.problem,
        "is_hopeless": service.is_hopeless,
        "unwatched": list(service.unwatched),
    }


def _install_monit_files(layout: Layout) -> None:
    """Copy each job's monit files, jobs in reverse order, as BOSH's agent does; check them before any is replaced."""
    wanted: Dict[str, bytes] = {}
    for number, job in enumerate(reversed(files.read_json(layout.spec_file).get("jobs", []))):
        wanted.update(_monit_files_of(os.path.join(layout.jobs, job), prefix="%04d_%s" % (number, job)))
    for name, content in wanted.items():
        monit_files.read_checks(name, content.decode("utf-8", "replace"))
    for name in os.listdir(layout.monit_jobs):
        if name not in wanted:
            files.remove_path(os.path.join(layout.monit_jobs, name))
    for name, content in wanted.items():
        files.write_file(os.path.join(layout.monit_jobs, name), content)


def _monit_files_of(folder: str, *, prefix: str) -> Dict[str, bytes]:
    """What a job calls monit or <label>.monit, under the names that BOSH's agent gives them."""
    found = {}
    for name in sorted(os.listdir(folder)):
        if name == "monit" or name.endswith(".monit"):
            label = "" if name == "monit" else "_" + name[: -len(".monit")]
            with open(os.path.join(folder, name), "rb") as stream:
                found[prefix + label + ".monitrc"] = stream.read()
    return found


def _launch_supervisor(guest: Guest) -> None:
    if guest.spare is None or not guest.spare.wake():
        _start_supervisor(guest)
    if not wait_until(lambda: control_files.supervisor_pid(guest.layout) != 0):
        raise GuestError(
            "supervisor-dead",
            "The supervisor did not start.",
            why="it did not take its lock within %d s" % _ANSWER_S,
            fix="Check %s." % guest.layout.path("bosh", "log", "supervisor.log"),
        )


def _start_supervisor(guest: Guest) -> None:
    with open(guest.layout.path("bosh", "log", "supervisor.log"), "ab") as log:
        subprocess.run(
            [sys.executable, "-I", "-S", guest.program, "supervise"],
            env=clean_environment(guest.layout),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=False,
        )


def _await_state(
    layout: Layout, call: VerbCall, *, is_done: Callable[[Mapping[str, Any]], bool], timeout_s: float
) -> Mapping[str, Any]:
    """Wait until the supervisor's state is as wished; the last one seen, when the time is over."""
    deadline = time.monotonic() + timeout_s
    while True:
        state = control_files.read_state(layout)
        if is_done(state) or time.monotonic() >= deadline or call.wait(_OBSERVE_LIMIT_S):
            return state


def _has_settled(state: Mapping[str, Any], wanted: DesiredServices) -> bool:
    return _has_seen(state, wanted) and bool(state.get("is_settled"))


def _has_seen(state: Mapping[str, Any], wanted: DesiredServices) -> bool:
    return bool(state.get("generation", 0) >= wanted.generation)


def wait_until(is_done: Callable[[], bool], *, timeout_s: float = _ANSWER_S) -> bool:
    """Wait for it; False when the time is over before."""
    deadline = time.monotonic() + timeout_s
    while not is_done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_OBSERVE_LIMIT_S)
    return True
