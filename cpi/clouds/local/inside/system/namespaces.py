"""Make a cloud's namespaces and its first process. The program `holder`.

Takes a state directory with a cloud.json, leaves PID 1 of the new cloud behind; says on stderr why not.
"""

import os
import socket
import subprocess
import sys
from dataclasses import dataclass

from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system import daemon, first_process, subids, sysc
from cpi.clouds.local.inside.system.modes import IDS, Mode

_ALL = sysc.NEWNS | sysc.NEWNET | sysc.NEWPID | sysc.NEWUTS | sysc.NEWIPC
_OK = b"ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    state: str
    cloud: records.CloudRecord
    mode: Mode


def main(arguments: list[str]) -> int:
    """Build the cloud of the state directory `arguments[0]`; 0 once its PID 1 stands."""
    state = arguments[0]
    cloud = records.load_cloud(state)
    if cloud is None:
        sys.stderr.write(f"{state}/cloud.json is missing.")
        return 1
    plan = _Plan(state=state, cloud=cloud, mode=Mode(cloud["mode"]))
    return daemon.start_detached(f"{state}/log/cloud.log", lambda ready: _build(plan, ready))


def _build(plan: _Plan, ready: daemon.Ready) -> None:
    match plan.mode:
        case Mode.R3:
            sysc.unshare(_ALL)
        case Mode.U2:
            _enter_with_one_id()
        case Mode.R1 | Mode.R2 | Mode.U1:
            _enter_with_many_ids(plan)
    if os.fork() == 0:
        daemon.run_to_the_end(ready, lambda answer: first_process.run(plan.state, answer))


def _enter_with_one_id() -> None:
    uid, gid = os.getuid(), os.getgid()
    sysc.unshare(sysc.NEWUSER | _ALL)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"0 {uid} 1\n")
    _write("/proc/self/gid_map", f"0 {gid} 1\n")


def _enter_with_many_ids(plan: _Plan) -> None:
    """Unshare while a fork stays behind: only from outside can it map ids and pass mounts."""
    here, there = socket.socketpair()
    inside = os.getpid()
    helper = os.fork()
    if helper == 0:
        here.close()
        _serve_from_outside(plan, inside, there)
    there.close()
    sysc.unshare(sysc.NEWUSER | _ALL)
    here.sendall(b"unshared")
    answer = here.recv(4096)
    os.waitpid(helper, 0)
    if answer != _OK:
        raise OSError(answer.decode(errors="replace") or "The helper outside the namespace died.")
    here.close()
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def _serve_from_outside(plan: _Plan, inside: int, ear: socket.socket) -> None:
    try:
        ear.recv(64)
        if plan.mode.is_shifted():
            _map_as_root(plan, inside)
            _give_mounts(plan, inside)
        else:
            _map_as_user(inside)
        ear.sendall(_OK)
    except BaseException as error:
        ear.sendall(f"{type(error).__name__}: {error}".encode()[:4000])
    finally:
        os._exit(0)


def _map_as_root(plan: _Plan, inside: int) -> None:
    for kind in ("uid", "gid"):
        _write(f"/proc/{inside}/{kind}_map", f"0 {plan.cloud['base']} {IDS}\n")


def _map_as_user(inside: int) -> None:
    for kind, own in (("uid", os.getuid()), ("gid", os.getgid())):
        found = subids.find_range(kind)
        if found is None:
            raise OSError(f"/etc/sub{kind} has no line for this user")
        mapping = ["0", str(own), "1", "1", str(found.start), str(min(len(found), IDS - 1))]
        subprocess.run([f"new{kind}map", str(inside), *mapping], check=True, stdin=subprocess.DEVNULL)


def _give_mounts(plan: _Plan, inside: int) -> None:
    """Put /usr (R1) and the interpreter's trees under STATE/host: a shifted id may not reach them by their path."""
    userns = os.open(f"/proc/{inside}/ns/user", os.O_RDONLY)
    mountns = os.open(f"/proc/{inside}/ns/mnt", os.O_RDONLY)
    given = []
    if plan.mode is Mode.R1:
        usr = sysc.open_tree("/usr")
        sysc.mount_setattr(usr, sysc.ATTR_IDMAP | sysc.ATTR_RDONLY, userns=userns)
        given.append((usr, _make_mount_point("/usr", f"{plan.state}/host/usr")))
    for number, tree in enumerate(plan.cloud["python"]):
        clone = sysc.open_tree(tree)
        sysc.mount_setattr(clone, sysc.ATTR_RDONLY | sysc.ATTR_NOSUID)
        given.append((clone, _make_mount_point(tree, f"{plan.state}/host/py{number}")))
    sysc.setns(mountns, sysc.NEWNS)
    for descriptor, target in given:
        sysc.move_mount(descriptor, target)


def _make_mount_point(tree: str, target: str) -> str:
    if os.path.isdir(tree):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT, 0o644))
    return target


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
