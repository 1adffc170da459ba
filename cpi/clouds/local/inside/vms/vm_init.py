"""PID 1 of a VM: takes its lock, enters its own file systems, keeps the SSH server running, reaps.

Takes a VM's record in a process that is already in the VM's pid, net, uts and ipc namespaces; never returns.
"""

import contextlib
import os
import select
import signal
import socket
import time
import traceback
from dataclasses import dataclass

from cpi.clouds.local.inside.records import locks, records
from cpi.clouds.local.inside.ssh import ssh_server
from cpi.clouds.local.inside.system import daemon, first_process, log, seccomp, sockets, sysc
from cpi.clouds.local.inside.system.site import Site
from cpi.clouds.local.inside.vms import vm_requests, vm_root

_BRAKE_S = 1.0
_GRACE_S = 2.0
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# SYS_MODULE, SYS_RAWIO, SYS_BOOT, SYS_TIME; without a user namespace also DAC_READ_SEARCH, SYS_PTRACE and MKNOD.
_DROPPED = (16, 17, 22, 25)
_DROPPED_ON_HOST_IDS = (2, 19, 27)
_WATCHED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Machine:
    listener: socket.socket
    requests: socket.socket
    has_one_id: bool


def run(site: Site, vm: records.LocalVm, *, listener: socket.socket, ready: daemon.Ready) -> None:
    """Become the VM. `listener` is its SSH port, already bound, so that no connection is refused."""
    os.setsid()
    directory = site.vm_dir(vm["cid"])
    daemon.point_output(f"{directory}/console.log")
    lock = locks.hold(f"{directory}/lock")
    sysc.set_process_name("vm-init")
    sysc.prctl(sysc.PR_SET_DUMPABLE, 0)  # the VM's root must not read the memory we were forked with
    sysc.sethostname(vm["name"])
    requests = sockets.listen(directory, vm_requests.SOCKET)
    vm_root.enter(site, vm)
    daemon.keep_only(ready.descriptor, lock, listener.fileno(), requests.fileno())
    for capability in (*_DROPPED, *(() if site.mode.has_userns() else _DROPPED_ON_HOST_IDS)):
        sysc.prctl(sysc.PR_CAPBSET_DROP, capability)
    if site.mode.has_one_id():
        seccomp.install()
    os.environ.clear()
    os.environ.update(PATH=_PATH, HOME="/root", LANG="C.UTF-8", TERM="linux")
    log.say(f"{vm['name']}: powered on")
    _supervise(_Machine(listener=listener, requests=requests, has_one_id=site.mode.has_one_id()), ready)


def _supervise(machine: _Machine, ready: daemon.Ready) -> None:
    for number in _WATCHED:
        signal.signal(number, lambda *_: None)
    bell, ringer = os.pipe()
    for descriptor in (bell, ringer):
        os.set_blocking(descriptor, False)
    signal.set_wakeup_fd(ringer)
    server, started_s = _start_server(machine), time.monotonic()
    with contextlib.suppress(BrokenPipeError):  # the waiting process is dead; the sweep finds this VM
        ready.report()
    while True:
        rung, _, _ = select.select([bell, machine.requests.fileno()], [], [])
        if machine.requests.fileno() in rung:
            vm_requests.serve_one(machine.requests)
        if bell in rung and set(os.read(bell, 4096)) - {signal.SIGCHLD}:
            _power_off()
        if server in first_process.reap():
            log.say("The SSH server ended; it starts again.")
            time.sleep(max(0.0, _BRAKE_S - (time.monotonic() - started_s)))
            server, started_s = _start_server(machine), time.monotonic()


def _start_server(machine: _Machine) -> int:
    child = os.fork()
    if child:
        return child
    try:
        signal.set_wakeup_fd(-1)
        for number in _WATCHED:
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        sysc.set_process_name("vm-sshd")
        daemon.keep_only(machine.listener.fileno())
        ssh_server.run(machine.listener, has_one_id=machine.has_one_id)
    except BaseException:
        log.say(traceback.format_exc())
    finally:
        os._exit(1)


def _power_off() -> None:
    log.say("powering off")
    try:
        os.kill(-1, signal.SIGTERM)
    except ProcessLookupError:
        os._exit(0)
    deadline_s = time.monotonic() + _GRACE_S
    while _has_children() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    os._exit(0)


def _has_children() -> bool:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True
