"""The resident supervisor: one daemon a VM, which keeps running what monit files describe.

Takes monit/wanted.json (written by the verbs), gives monit/state.json; SIGUSR1 says "look now". It holds a POSIX lock
as long as it lives, so there is never a second one, and it ends on SIGTERM without touching what it supervises.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from operator import itemgetter
from typing import Any, BinaryIO, Dict, List, Mapping, NoReturn, Optional, Sequence

from director.guest.dns.server_process import DnsServer
from director.guest.failures import GuestError
from director.guest.layout import Layout, layout_of, version_of
from director.guest.supervise import control_files, log_rotation, runnable
from director.guest.supervise.service_set import MODE_RUNNING, ServiceSet
from director.guest.system import files, processes, scripts, users
from director.monit.checks import PROCESS, Check, Program

_CALM_S = 0.5
_BUSY_S = 0.05
_STATE_EVERY_S = 5.0
_ROTATE_EVERY_S = 30.0
_FACTS = itemgetter("state", "pid", "restarts", "problem")
_FORGOTTEN = 127  # the exit code of a program whose own is no longer known


def main(words: List[str]) -> int:
    """The subcommand `supervise`; comes back when the daemon is on its own."""
    os.umask(0o022)
    layout = layout_of(os.environ)
    _run_supervisor(layout, version_of(sys.argv[0]))
    return 0


def _run_supervisor(layout: Layout, version: str) -> None:
    """Fork a daemon that supervises until it is signalled to end; it ends at once if another one is alive."""
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    _supervise_alone(layout, version)
    os._exit(0)


def _supervise_alone(layout: Layout, version: str) -> None:
    """Install handlers first: a process that sees the lock may signal at once, and an unhandled signal is fatal."""
    supervisor = _Supervisor(layout, version)
    wakeup = supervisor.listen()
    lock = control_files.take_lock(layout)
    if lock is not None:
        supervisor.loop(wakeup)


class Spare:
    """A supervisor forked in advance, asleep until it is woken; it ends with the process that made it.

    A new interpreter costs forty times as much as a fork, and forking is safe only before there are threads.
    """

    def __init__(self, layout: Layout, version: str) -> None:
        reader, self._writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.setsid()
            if os.fork() == 0:
                _sleep_then_supervise(layout, version, reader=reader)
            os._exit(0)
        os.close(reader)
        os.waitpid(child, 0)

    def wake(self) -> bool:
        """Let it supervise; False when it was woken before, or does not live."""
        if self._writer < 0:
            return False
        writer, self._writer = self._writer, -1
        try:
            return os.write(writer, b"!") == 1
        except BrokenPipeError:
            return False
        finally:
            os.close(writer)


def _sleep_then_supervise(layout: Layout, version: str, *, reader: int) -> NoReturn:
    """Hold nothing of the process that forked us: not its streams, its directory, its other files."""
    try:
        log = os.open(layout.path("bosh", "log", "supervisor.log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2), (reader, 3)):
            os.dup2(source, target)
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        os.chdir("/")
        with open("/proc/self/comm", "w", encoding="ascii") as stream:
            stream.write("supervise")
        if os.read(3, 1):
            os.close(3)
            _supervise_alone(layout, version)
    except Exception as error:  # nothing above may continue: it belongs to the parent process
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        os._exit(0)


class _RealMachine:
    """Programs started for real. Their output goes to bosh/log/<name>.program.log."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._children: Dict[int, "subprocess.Popen[bytes]"] = {}

    def sign_of_life(self, check: Check) -> Optional[int]:
        if check.pattern:
            return processes.oldest_matching(check.pattern)
        if check.kind == PROCESS:
            return processes.live_pid(check.path)
        return 0 if os.path.exists(check.path) else None

    def launch(self, name: str, program: Program) -> int:
        reason = runnable.why_not(program.command, user=program.user, group=program.group)
        child = None
        with open(self._layout.program_log(name), "ab") as log:
            try:
                child = None if reason else self._popen(program, log)
            except OSError as error:
                reason = str(error)
            if child is None:
                log.write(("cannot run %s\n" % reason).encode("utf-8", "replace"))
                raise GuestError("program-not-runnable", "The program cannot be run.", why=reason)
        self._children[child.pid] = child
        return child.pid

    def _popen(self, program: Program, log: BinaryIO) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            users.as_user(program.command, user=program.user, group=program.group),
            env=scripts.clean_environment(self._layout),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def exit_code(self, handle: int) -> Optional[int]:
        child = self._children.get(handle)
        return _FORGOTTEN if child is None else child.poll()

    def end_program(self, handle: int) -> None:
        child = self._children.get(handle)
        if child is not None and child.poll() is None:
            scripts.signal_group(handle, signal.SIGKILL)

    def terminate(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            return

    def reap(self, keep: int = 64) -> None:
        """Collect programs that ended; the newest are kept, for someone may still ask for their exit code."""
        ended = [handle for handle, child in self._children.items() if child.poll() is not None]
        for handle in ended[:-keep]:
            del self._children[handle]


class _Supervisor:
    def __init__(self, layout: Layout, version: str) -> None:
        self._layout = layout
        self._version = version
        self._machine = _RealMachine(layout)
        self._services = ServiceSet(self._machine)
        self._wanted = control_files.DesiredServices()
        self._wanted_seen: "tuple[tuple[int, int], ...]" = ()
        self._problem = ""
        self._ran_before: Sequence[str] = control_files.running_services(layout)
        self._written: Dict[str, Any] = {}
        self._written_at = 0.0
        self._rotated_at = time.monotonic()
        self._is_ending = False
        self._dns = DnsServer(layout)
        self._health = ""

    def listen(self) -> int:
        """Hear signals from now on; gives what becomes readable at each."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGUSR1, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        for number in (signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._end)
        return reader

    def loop(self, wakeup: int) -> None:
        is_woken = True
        while not self._is_ending:
            self._reload(is_woken=is_woken)
            self._services.tick(self._wanted.mode, time.monotonic(), self._wanted.services)
            self._machine.reap()
            self._write_state()
            self._write_health()
            self._dns.ensure(time.monotonic())
            self._rotate()
            is_calm = self._services.is_settled(self._wanted.mode, self._wanted.services)
            is_woken = bool(select.select([wakeup], [], [], _CALM_S if is_calm else _BUSY_S)[0])
            if is_woken:
                os.read(wakeup, 4096)

    def _end(self, *_: object) -> None:
        self._is_ending = True

    def _reload(self, *, is_woken: bool) -> None:
        """Read what is wanted: at each signal, and where a file has changed without one."""
        seen = control_files.stamps_of_wanted(self._layout)
        if seen == self._wanted_seen and not is_woken:
            return
        self._wanted_seen = seen
        wanted = control_files.read_wanted(self._layout)
        if wanted == self._wanted:
            return
        if not self._wanted.generation:
            self._services.forget_restarts(wanted.services)
        try:
            self._services.load(control_files.load_checks(self._layout), ran_before=self._ran_before)
            self._problem = ""
            self._ran_before = ()
        except GuestError as error:
            self._problem = "%s %s" % (error.what, error.why)
        self._wanted = wanted
        _log("wish %d: %s%s" % (wanted.generation, wanted.mode, self._problem and "; " + self._problem))

    def _write_state(self) -> None:
        mode = self._wanted.mode
        state: Dict[str, Any] = {
            "version": self._version,
            "generation": self._wanted.generation,
            "mode": mode,
            "is_settled": self._services.is_settled(mode, self._wanted.services) and not self._problem,
            "problem": self._problem,
            "services": [service._asdict() for service in self._services.states(mode, self._wanted.services)],
        }
        now = time.monotonic()
        if state != self._written or now - self._written_at >= _STATE_EVERY_S:
            try:
                control_files.write_state(self._layout, state)
            except (GuestError, OSError) as error:
                print("the state cannot be written: %s" % error, file=sys.stderr, flush=True)
                return
            self._log_changes(state)
            self._written, self._written_at = state, now

    def _write_health(self) -> None:
        """What the DNS server, or that of release bosh-dns, answers with: BOSH's agent writes the same file."""
        health = control_files.health_of(self._written)
        if health != self._health:
            try:
                control_files.write_health(self._layout, health)
            except (GuestError, OSError) as error:
                print("the health cannot be written: %s" % error, file=sys.stderr, flush=True)
                return
            self._health = health

    def _log_changes(self, state: Mapping[str, Any]) -> None:
        """A line for each process that became something else: why one restarts is read here."""
        before = {service["name"]: service for service in self._written.get("services", ())}
        for service in state["services"]:
            known = before.get(service["name"])
            if known is None or _FACTS(service) != _FACTS(known):
                problem = "; %s" % service["problem"] if service["problem"] else ""
                facts = (service["name"], service["state"], service["pid"], service["restarts"], problem)
                _log("%s: %s, pid %d, restarted %d times%s" % facts)

    def _rotate(self) -> None:
        if time.monotonic() - self._rotated_at < _ROTATE_EVERY_S:
            return
        self._rotated_at = time.monotonic()
        try:
            log_rotation.rotate_logs(self._layout)
        except (GuestError, OSError) as error:
            print("logs cannot be rotated: %s" % error, file=sys.stderr, flush=True)


def _log(text: str) -> None:
    """A line of bosh/log/supervisor.log."""
    print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), text, file=sys.stderr, flush=True)


def summary(layout: Layout) -> List[str]:
    """What `monit summary` would say, a line a service."""
    state = files.read_json(control_files.state_path(layout))
    if not control_files.supervisor_pid(layout):
        return ["The supervisor is not running."]
    services = state.get("services", [])
    lines = [
        "%s '%s'  %s" % (str(each.get("kind", PROCESS)).capitalize(), each["name"], each["state"]) for each in services
    ]
    return lines or ["No service is supervised (%s)." % state.get("mode", MODE_RUNNING)]
