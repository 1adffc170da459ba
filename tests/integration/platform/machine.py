"""A machine made of namespaces, on which a release is compiled and its jobs are run by hand.

Takes a folder, gives commands run inside: own mounts, processes and loopback, so nothing of the host is touched, and
everything ends with the machine. As root it has real users; as an ordinary user it has the one id of a user namespace.
"""

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

_HOLDER = Path(__file__).with_name("holder.py")
# What the guest provides on a real machine.
_CHPST_AS_ROOT = """#!/bin/sh
[ "$1" = -u ] && [ "$2" = vcap:vcap ] || exit 100
shift 2
exec setpriv --reuid=1000 --regid=1000 --clear-groups "$@"
"""
_CHPST_ONE_ID = """#!/bin/sh
[ "$1" = -u ] && [ "$2" = vcap:vcap ] || exit 100
shift 2
exec unshare --user --map-user=1000 --map-group=1000 "$@"
"""
_CHOWN_ONE_ID = "#!/bin/sh\nexit 0\n"
_PATH = "/var/vcap/bosh/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(slots=True, kw_only=True)
class Machine:
    """A running machine; `root` is its /var/vcap as the host sees it."""

    root: Path
    one_id: bool
    holder: subprocess.Popen[bytes] = field(repr=False)
    pid: int

    def run(
        self, command: list[str], *, cwd: str = "/", env: dict[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside, as root of the machine; standard output and error come back together."""
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--net", "--pid", "--wd=/"]
        if self.one_id:
            enter = [*_AS_NOBODY, *enter, "--user", "--preserve-credentials"]
        done = subprocess.run(
            [*enter, "env", f"--chdir={cwd}", *command],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"PATH": _PATH, "LANG": "C.UTF-8", **(env or {})},
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout[-4000:]}")
        return done

    def power_off(self) -> None:
        """End every process of the machine at once, as a power cut does."""
        with self.holder:
            self.holder.kill()


_AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def start_machine(root: Path, *, one_id: bool = False) -> Machine:
    """Boot a machine on a folder; one that was used before keeps its disk and its installed jobs."""
    for folder in ("bosh/bin", "data", "jobs", "packages", "store", "data/sys/run", "data/sys/log"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    if not (root / "sys").is_symlink():
        (root / "sys").symlink_to("/var/vcap/data/sys")
    _write_program(root / "bosh" / "bin" / "chpst", _CHPST_ONE_ID if one_id else _CHPST_AS_ROOT)
    unshare = ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc"]
    if one_id:
        # The user's own id is the machine's root, and chown, which it may not do, is answered with success.
        _write_program(root / "bosh" / "bin" / "chown", _CHOWN_ONE_ID)
        give_away(root)
        unshare = [*_AS_NOBODY, *unshare, "--user", "--map-root-user"]
    holder = subprocess.Popen(
        [*unshare, "/usr/bin/python3", "-I", "-c", _HOLDER.read_text(), str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/",
    )
    assert holder.stdout is not None
    ready = holder.stdout.readline()
    machine = Machine(root=root, one_id=one_id, holder=holder, pid=_child_of(holder.pid))
    assert ready == b"ready\n", ready
    return machine


def give_away(root: Path) -> None:
    """Make an ordinary user the owner of a machine's files, but for the packages, which machines share."""
    for folder, folders, files in os.walk(root):
        if Path(folder) == root / "data":
            folders[:] = [name for name in folders if name != "packages"]
        for name in (".", *folders, *files):
            os.chown(os.path.join(folder, name), 65534, 65534, follow_symlinks=False)


def open_to_all(path: Path) -> Path:
    """Let an ordinary user reach a folder of the tests, whose parents are root's alone."""
    outermost = Path(tempfile.gettempdir())
    for folder in (path, *path.parents):
        if outermost in folder.parents:
            folder.chmod(folder.stat().st_mode | 0o011)
    return path


def wait_until(condition: object, *, seconds: float = 20) -> None:
    """Wait until a condition, a callable without arguments, holds."""
    assert callable(condition)
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"still not so after {seconds} s"
        time.sleep(0.05)


def _child_of(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert len(children) == 1, children
    return int(children[0])


def _write_program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
