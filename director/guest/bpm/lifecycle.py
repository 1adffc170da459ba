"""Start, stop and run of a process.

Takes a container and a process, changes what runs. Source: cloudfoundry/bpm-release src/bpm/commands/start.go, stop.go,
run.go, runc/lifecycle/lifecycle.go.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from typing import Dict, NamedTuple, Tuple

from director.guest.bpm import cgroups, directories, init, mounts, privileges
from director.guest.bpm.configs import BpmProcess
from director.guest.bpm.containers import RUNNING, BpmContainer
from director.guest.failures import GuestError
from director.guest.layout import Layout
from director.guest.system import processes

_TERM_S, _QUIT_S, _LOOK_S = 15.0, 2.0, 0.05
_PATH = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin:."


class Launched(NamedTuple):
    """`pid` is the container's first process. `why_open` says why it has no namespaces, "" where it has."""

    pid: int
    why_open: str


def start(container: BpmContainer, process: BpmProcess) -> None:
    """Start it detached; done when it runs already. Raises bpm-pre-start-failed and those of create_directories."""
    with container.locked():
        if container.state() == RUNNING:
            container.note("start", "already running")
            return
        _end_survivors(container)
        container.forget()
        directories.create_directories(container, process)
        container.note("start", "starting")
        streams = (directories.open_log(container, "stdout"), directories.open_log(container, "stderr"))
        run_hook(container, process, streams)
        launch(container, process, streams)


def stop(container: BpmContainer, process: BpmProcess) -> None:
    """Ask it to end, then end it with all that it started; done when it does not run."""
    with container.locked():
        pid = container.pid()
        if pid:
            container.note("stop", "stopping")
            end(pid, getattr(signal, "SIG" + process.signal))
        if os.path.exists(container.state_file):
            _end_survivors(container)
            container.forget()
            cgroups.remove_group(container.id)


def _end_survivors(container: BpmContainer) -> None:
    """A namespace of processes ends with its first one; without it, what that one started lives on."""
    for pid in container.survivors():
        _signal(pid, signal.SIGKILL)


def end(pid: int, first: int) -> None:
    """Signal until it is gone, at last with what cannot be refused."""
    for number, wait_s in ((first, _TERM_S), (signal.SIGQUIT, _QUIT_S)):
        _signal(pid, number)
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            if processes.usage_of(pid) is None:
                return
            time.sleep(_LOOK_S)
    init.end_descendants(pid)
    _signal(pid, signal.SIGKILL)


def launch(container: BpmContainer, process: BpmProcess, streams: Tuple[int, int]) -> Launched:
    """Start the container's first process, in namespaces where this VM allows it."""
    for name in privileges.unknown_capabilities(process.capabilities):
        container.note("start", "no kernel has capability %s" % name, level="WARN")
    launched = _launch(container, process, streams, is_isolated=True)
    if launched.why_open:
        container.note("start", "without namespaces: %s" % launched.why_open, level="WARN")
        launched = _launch(container, process, streams, is_isolated=False)
    why = cgroups.limit_process(container.id, launched.pid, process.limits)
    if why:
        container.note("start", "memory and processes are not limited: %s" % why, level="WARN")
    container.save(launched.pid)
    return launched


def environment_of(layout: Layout, process: BpmProcess) -> Dict[str, str]:
    """All that the process and its hook get."""
    job, data = os.path.join(layout.jobs, process.job), layout.path("data", process.job)
    plain = {
        "TMPDIR": os.path.join(data, "tmp"),
        "LANG": "en_US.UTF-8",
        "PATH": "%s/bin:%s" % (job, _PATH),
        "HOME": data,
    }
    return {**plain, **process.env}


def run_hook(container: BpmContainer, process: BpmProcess, streams: Tuple[int, int]) -> None:
    """Run the process's hook, if it has one, outside of all namespaces. Raises bpm-pre-start-failed.

    The guest's commands, in place of those that a stemcell has in /usr, are the last on its PATH.
    """
    if not process.pre_start:
        return
    environment = environment_of(container.layout, process)
    path = "%s:%s" % (environment["PATH"], container.layout.bin)
    try:
        status = subprocess.run(
            [process.pre_start],
            env={**environment, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=streams[0],
            stderr=streams[1],
            check=False,
        ).returncode
    except OSError as error:
        raise GuestError("bpm-pre-start-failed", "prestart hook failed: %s" % error) from error
    if status != 0:
        how = "exit status %d" % status if status > 0 else "signal %d" % -status
        raise GuestError("bpm-pre-start-failed", "prestart hook failed: %s" % how)


def _launch(container: BpmContainer, process: BpmProcess, streams: Tuple[int, int], *, is_isolated: bool) -> Launched:
    """Two forks: the first leaves namespaces, the second is the first process in new ones."""
    reader, writer = os.pipe()
    between = os.fork()
    if between == 0:
        os.close(reader)
        os.setsid()
        _begin(container, process, streams, writer=writer, is_isolated=is_isolated)
    os.close(writer)
    os.waitpid(between, 0)
    with os.fdopen(reader, encoding="utf-8", errors="replace") as answer:
        words = dict(line.rstrip("\n").partition(" ")[::2] for line in answer)
    if "open" in words:
        return Launched(0, words["open"])
    if "pid" not in words:
        raise GuestError("bpm-start-failed", "the process could not be started")
    return Launched(int(words["pid"]), "")


def _begin(
    container: BpmContainer, process: BpmProcess, streams: Tuple[int, int], *, writer: int, is_isolated: bool
) -> None:
    try:
        if is_isolated:
            mounts.share_volumes(process)
            mounts.unshare(mounts.NEW_MOUNTS | mounts.NEW_IPC | mounts.NEW_UTS)
            if not process.shares_pids:
                mounts.unshare(mounts.NEW_PIDS)
        first = os.fork()
        if first == 0:
            _be_first(container, process, streams, writer=writer, is_isolated=is_isolated)
        os.write(writer, b"pid %d\n" % first)
    except OSError as error:
        _report(writer, "open %s" % error)
    os._exit(0)


def _be_first(
    container: BpmContainer, process: BpmProcess, streams: Tuple[int, int], *, writer: int, is_isolated: bool
) -> None:
    layout = container.layout
    owner = None if process.is_privileged else directories.vcap_of(layout)
    log = os.open(os.path.join(container.logs, "bpm.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    _let_go((writer, log, null, *streams))
    for number, stream in enumerate((null, *streams)):
        os.dup2(stream, number)
    try:
        if is_isolated:
            if not layout.is_default:
                raise OSError(0, "the base directory is not /var/vcap")
            mounts.enter_root(container.root, layout, process)
    except OSError as error:
        _report(writer, "open %s" % error)
        os._exit(0)
    os.close(writer)
    program = init.InitProgram(
        process=process,
        environment=environment_of(layout, process),
        directory=process.workdir or os.path.join(layout.jobs, process.job),
        streams=(null, *streams),
        owner=owner,
    )
    init.run_init(program, note=lambda text: _write_note(log, container.name, text))


def _let_go(kept: Tuple[int, ...]) -> None:
    """Close what the caller had open: its lock, and pipes whose other end waits for their end."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in kept:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _write_note(log: int, name: str, text: str) -> None:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    os.write(log, ("%s [WARN] bpm.start %s %s\n" % (stamp, name, text)).encode("utf-8", "replace"))


def _report(writer: int, text: str) -> None:
    os.write(writer, text.replace("\n", " ").encode("utf-8", "replace") + b"\n")


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
