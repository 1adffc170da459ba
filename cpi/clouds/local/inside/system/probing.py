"""The program `probing`: take each step a cloud needs, for real, in forks that end at once, and say how far one got.

Takes the modes to try, best first; prints a line for each mode: its name, then its steps in order as NAME=ERRNO (0: it
worked). Modes after the first that works are not tried. Every plan before `up` runs it: it imports nothing slow.
"""

import contextlib
import os
import socket
import sys
from collections.abc import Callable

from cpi.clouds.local.inside.system import netlink, subids, sysc
from cpi.clouds.local.inside.system.modes import IDS, LAST_STEP, Mode

_ALL = sysc.NEWNS | sysc.NEWNET | sysc.NEWUTS | sysc.NEWIPC
_TRIAL_BASE = 0x7FFF0000
_OK = b"ok"


class _Trial:
    """One mode's steps so far, and an empty directory to try mounts on."""

    def __init__(self, mode: Mode, directory: str) -> None:
        self.mode = mode
        self.directory = directory
        self.steps: list[str] = []

    def take(self, name: str, step: Callable[[], object], *, is_needed: bool = True) -> None:
        """Take a step and note its outcome; one that is needed and fails ends the trial."""
        try:
            step()
        except OSError as error:
            self.steps.append(f"{name}={error.errno or 1}")
            if is_needed:
                raise
            return
        self.steps.append(f"{name}=0")


def main(arguments: list[str]) -> int:
    """Try the modes named in `arguments` until one works: a needed step that fails ends its trial before the last."""
    for name in arguments:
        steps = _try_in_fork(Mode(name))
        sys.stdout.write(f"{name} {steps}\n")
        if steps.endswith(f"{LAST_STEP}=0"):
            break
    return 0


def _try_in_fork(mode: Mode) -> str:
    directory = f"/tmp/compleat-probe-{os.urandom(8).hex()}"
    os.mkdir(directory)
    os.chmod(directory, 0o755)  # a mapped root must get through
    for name in ("place", "mapped"):
        os.mkdir(f"{directory}/{name}")
    ear, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ear)
        _report_outcome(_Trial(mode, directory), mouth)
    os.close(mouth)
    with open(ear, "rb", buffering=0) as stream:
        steps = stream.readall().decode()
    os.waitpid(child, 0)
    for name in ("place", "mapped", "."):
        os.rmdir(os.path.normpath(f"{directory}/{name}"))
    return steps or "fork=1"


def _report_outcome(trial: _Trial, mouth: int) -> None:
    """Only the process that got furthest tells; the pid step continues in a child."""
    try:
        with contextlib.suppress(OSError):
            _take_all(trial, mouth)
        os.write(mouth, " ".join(trial.steps).encode())
    finally:
        os._exit(0)


def _take_all(trial: _Trial, mouth: int) -> None:
    match trial.mode:
        case Mode.R3:
            trial.take("namespaces", lambda: sysc.unshare(_ALL))
        case Mode.U2:
            uid, gid = os.getuid(), os.getgid()
            trial.take("user-namespace", lambda: sysc.unshare(sysc.NEWUSER))
            trial.take("id-map", lambda: _map_one_id(uid, gid))
            trial.take("namespaces", lambda: sysc.unshare(_ALL))
        case Mode.R1 | Mode.R2 | Mode.U1:
            _enter_with_many_ids(trial)
    trial.take("process-namespace", lambda: sysc.unshare(sysc.NEWPID))
    child = os.fork()
    if child:
        os.close(mouth)
        os.waitpid(child, 0)
        os._exit(0)
    if trial.mode.has_userns():
        trial.take("vm-user-namespace", lambda: _in_fork(lambda: sysc.unshare(sysc.NEWUSER | sysc.NEWNS)))
    _take_mounts(trial)
    _take_links(trial)


def _in_fork(step: Callable[[], object]) -> None:
    """Take a step that would change all that follows, where nothing follows."""
    child = os.fork()
    if child == 0:
        number = 1
        try:
            step()
            number = 0
        except OSError as error:
            number = error.errno or 1
        finally:
            os._exit(number)
    number = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if number:
        raise OSError(number, os.strerror(number))


def _take_mounts(trial: _Trial) -> None:
    place = f"{trial.directory}/place"
    trial.take("private-mounts", lambda: sysc.mount("none", "/", flags=sysc.MS_REC | sysc.MS_PRIVATE))
    trial.take("tmpfs", lambda: sysc.mount("probe", place, kind="tmpfs", options="size=1m"))
    for name in ("lower", "upper", "work", "on", "proc", "sys", "usr"):
        os.mkdir(f"{place}/{name}")
    trial.take("proc", lambda: sysc.mount("proc", f"{place}/proc", kind="proc", flags=14))
    trial.take("sysfs", lambda: sysc.mount("sysfs", f"{place}/sys", kind="sysfs", flags=15), is_needed=False)
    trial.take("hostname", lambda: sysc.sethostname("probe"))
    trial.take("read-only-bind", lambda: sysc.bind("/usr", f"{place}/usr", attributes=sysc.ATTR_RDONLY))
    extra = ",userxattr" if trial.mode.has_userns() else ""
    lower = "/usr" if trial.mode is not Mode.R1 else f"{trial.directory}/mapped"
    options = f"lowerdir={lower},upperdir={place}/upper,workdir={place}/work{extra}"
    trial.take(
        "overlay",
        lambda: sysc.mount("probe", f"{place}/on", kind="overlay", options=options),
        is_needed=trial.mode is Mode.R1,
    )


def _take_links(trial: _Trial) -> None:
    def build() -> None:
        with netlink.Netlink() as links:
            links.set_up(links.index("lo"))
            own = os.open("/proc/self/ns/net", os.O_RDONLY)
            port = links.add_veth("probe0", peer="probe1", peer_ns=own, mac="02:00:00:00:00:02")
            links.add_address(port, "10.254.254.1", 32)
            links.set_link_route("10.254.254.2", port)

    trial.take("network", build)
    trial.take(LAST_STEP, _allow_forwarding)


def _allow_forwarding() -> None:
    sysc.mount("proc", "/proc", kind="proc", flags=14)
    _write("/proc/sys/net/ipv4/ip_forward", "1")


def _map_one_id(uid: int, gid: int) -> None:
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"0 {uid} 1\n")
    _write("/proc/self/gid_map", f"0 {gid} 1\n")


def _enter_with_many_ids(trial: _Trial) -> None:
    here, there = socket.socketpair()
    inside = os.getpid()
    helper = os.fork()
    if helper == 0:
        here.close()
        _serve_from_outside(trial, inside, there)
    there.close()
    trial.take("user-namespace", lambda: sysc.unshare(sysc.NEWUSER | _ALL))
    here.sendall(b"unshared")

    def wait() -> None:
        answer = here.recv(4096)
        os.waitpid(helper, 0)
        if answer != _OK:
            number, _, text = answer.decode(errors="replace").partition(" ")
            raise OSError(int(number or 1), text)
        os.setgroups([])
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)

    trial.take("id-map" if trial.mode is not Mode.R1 else "id-map-and-idmapped-mount", wait)


def _serve_from_outside(trial: _Trial, inside: int, ear: socket.socket) -> None:
    try:
        ear.recv(64)
        if trial.mode is Mode.U1:
            _map_by_program(inside)
        else:
            for kind in ("uid", "gid"):
                _write(f"/proc/{inside}/{kind}_map", f"0 {_TRIAL_BASE} {IDS}\n")
        if trial.mode is Mode.R1:
            _give_idmapped_usr(trial, inside)
        ear.sendall(_OK)
    except OSError as error:
        ear.sendall(f"{error.errno or 1} {error}".encode()[:4000])
    finally:
        os._exit(0)


def _give_idmapped_usr(trial: _Trial, inside: int) -> None:
    usr = sysc.open_tree("/usr")
    userns = os.open(f"/proc/{inside}/ns/user", os.O_RDONLY)
    sysc.mount_setattr(usr, sysc.ATTR_IDMAP | sysc.ATTR_RDONLY, userns=userns)
    sysc.setns(os.open(f"/proc/{inside}/ns/mnt", os.O_RDONLY), sysc.NEWNS)
    sysc.move_mount(usr, f"{trial.directory}/mapped")


def _map_by_program(inside: int) -> None:
    for kind, own in (("uid", os.getuid()), ("gid", os.getgid())):
        found = subids.find_range(kind)
        if found is None:
            raise OSError(1, f"/etc/sub{kind} has no line for this user")
        mapping = ["0", str(own), "1", "1", str(found.start), str(min(len(found), IDS - 1))]
        program = f"new{kind}map"
        nothing = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
        mapper = os.posix_spawnp(program, [program, str(inside), *mapping], os.environ, file_actions=nothing)
        if os.waitpid(mapper, 0)[1]:
            raise OSError(1, f"{program} refused")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
