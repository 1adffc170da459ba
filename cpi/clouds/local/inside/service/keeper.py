"""The program `keeper`: a cloud's service, its ear and hands.

Takes a state directory and a version; answers one JSON line for each on STATE/ctl.sock. It is started from outside,
walks in, forks VMs and holds no state, so killing it touches no VM.
"""

import gc
import os
import signal
import socket
import sys
import traceback

from cpi.clouds.local.inside.networks import metadata
from cpi.clouds.local.inside.records import locks, records
from cpi.clouds.local.inside.service import operations, sweep
from cpi.clouds.local.inside.ssh import ssh_server
from cpi.clouds.local.inside.system import daemon, log, sockets, sysc
from cpi.clouds.local.inside.system.modes import Mode
from cpi.clouds.local.inside.system.site import Site, read_site

_NAMESPACES = ("user", "mnt", "net", "uts", "ipc", "pid")


def main(arguments: list[str]) -> int:
    """Serve the cloud of the state directory `arguments[0]`, answering version `arguments[1]`."""
    state, version = arguments
    cloud = records.load_cloud(state)
    first = locks.find_holder(f"{state}/lock")
    if cloud is None or first <= 0:
        sys.stderr.write("The cloud's first process is gone.")
        return 1
    ssh_server.warm_up()
    site = read_site(state, cloud)
    return daemon.start_detached(f"{state}/log/keeper.log", lambda ready: _walk_in(site, first, (version, ready)))


def _walk_in(site: Site, first: int, answer: tuple[str, daemon.Ready]) -> None:
    version, ready = answer
    names = [name for name in _NAMESPACES if name != "user" or site.mode.has_userns()]
    doors = [os.open(f"/proc/{first}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC) for name in names]
    for door in doors:
        sysc.setns(door)
    if os.fork():  # only a child is really inside the process namespace
        os._exit(0)
    if os.fork():  # and only an orphan hangs under the cloud's own PID 1
        os._exit(0)
    if site.mode.has_userns():
        _become_inner_root(site.mode)
    daemon.keep_only(ready.descriptor)
    sysc.set_process_name("cloud-keeper")
    _serve(site, version, ready)


def _become_inner_root(mode: Mode) -> None:
    if not mode.has_one_id():
        os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def _serve(site: Site, version: str, ready: daemon.Ready) -> None:
    lock = locks.wait_and_hold(f"{site.state}/{sockets.SERVICE_LOCK}")
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    with locks.alone(f"{site.state}/op.lock"):  # a child of the former service may be at work still
        sweep.run(site)
    listener = sockets.listen(site.state, sockets.SERVICE)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    gc.disable()  # forks live for milliseconds; a collection would only copy the pages they share
    if os.fork() == 0:
        daemon.keep_only()
        metadata.serve(site.state)
    ready.report()
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            os.close(lock)
            _answer(site, version, connection)
        connection.close()


def _answer(site: Site, version: str, connection: socket.socket) -> None:
    """Do one request in a process of its own; whatever happens in it, the service lives on."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        with connection, connection.makefile("rwb") as stream:
            line = stream.readline()
            if line:
                stream.write(operations.answer(site, version, line))
                stream.flush()
    except (BrokenPipeError, ConnectionResetError):
        log.say("The caller is gone.")
    except BaseException:
        log.say(traceback.format_exc())
    finally:
        os._exit(0)
