"""Start a login's programs as the user who logged in.

Takes a user's account and a command, gives a running child with its pipes or its terminal. In a cloud of one id a
user other than root is a nested user namespace, in which that one id bears the user's number.
"""

import fcntl
import os
import pty
import pwd
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from cpi.clouds.local.inside.system import sysc

_ENTER_HOME = 'cd "$HOME" 2>/dev/null; exec "$0" -c "$1"'


@dataclass(frozen=True, slots=True, kw_only=True)
class SshLogin:
    """Who logs in; `has_one_id` says the cloud has no second id to give."""

    account: pwd.struct_passwd
    has_one_id: bool

    @property
    def shell(self) -> str:
        return self.account.pw_shell or "/bin/sh"

    def environment(self, asked: Mapping[str, str]) -> dict[str, str]:
        """The environment of a session; of what the client asks for, only its language."""
        own = {
            "PATH": os.environ["PATH"],
            "HOME": self.account.pw_dir,
            "USER": self.account.pw_name,
            "LOGNAME": self.account.pw_name,
            "SHELL": self.shell,
            "LANG": "C.UTF-8",
        }
        return own | {name: value for name, value in asked.items() if name.startswith(("LANG", "LC_", "TERM"))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A running process; `outputs` in the order stdout, stderr. With a terminal, both ends are `terminal`."""

    pid: int
    stdin: int
    outputs: tuple[int, ...]
    terminal: int | None = None


def start_command(login: SshLogin, command: str, environment: Mapping[str, str]) -> Child:
    """Run a command line in the login's shell, in its home."""
    argv = ["/bin/sh", "-c", _ENTER_HOME, login.shell, command]
    return _with_pipes(login, argv, environment)


def start_shell(login: SshLogin, environment: Mapping[str, str]) -> Child:
    """Run the login's shell, reading commands from a pipe."""
    argv = ["/bin/sh", "-c", 'cd "$HOME" 2>/dev/null; exec "$0" -l', login.shell]
    return _with_pipes(login, argv, environment)


def start_on_terminal(login: SshLogin, command: str, environment: Mapping[str, str]) -> Child:
    """Run the login's shell, or a command line in it, on a new terminal."""
    line = _ENTER_HOME if command else 'cd "$HOME" 2>/dev/null; exec "$0" -l'
    own, theirs = pty.openpty()
    process = subprocess.Popen(
        ["/bin/sh", "-c", line, login.shell, command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=dict(environment),
        cwd="/",
        start_new_session=True,
        preexec_fn=partial(_become_on_terminal, login),
    )
    os.close(theirs)
    return Child(pid=_release(process), stdin=os.dup(own), outputs=(own,), terminal=own)


def start_forked(login: SshLogin, run: Callable[[], None]) -> Child:
    """Fork this very program as the user; `run` finds its pipes at descriptors 0 and 1."""
    their_in, our_out = os.pipe()
    our_in, their_out = os.pipe()
    pid = os.fork()
    if pid == 0:
        _run_forked(login, run, (their_in, their_out))
    os.close(their_in)
    os.close(their_out)
    return Child(pid=pid, stdin=our_out, outputs=(our_in,))


def resize(terminal: int, columns: int, rows: int) -> None:
    """Tell a terminal its size."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def become(login: SshLogin) -> None:
    """Make the calling process the user's; it must be single-threaded."""
    account = login.account
    if account.pw_uid == 0:
        return
    if login.has_one_id:
        _become_in_nested_namespace(account)
        return
    os.setgroups(os.getgrouplist(account.pw_name, account.pw_gid))
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def _with_pipes(login: SshLogin, argv: list[str], environment: Mapping[str, str]) -> Child:
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env=dict(environment),
        cwd="/",
        start_new_session=True,
        preexec_fn=partial(become, login),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    pipes = [os.dup(pipe.fileno()) for pipe in (process.stdin, process.stdout, process.stderr)]
    for pipe in (process.stdin, process.stdout, process.stderr):
        pipe.close()
    return Child(pid=_release(process), stdin=pipes[0], outputs=(pipes[1], pipes[2]))


def _release(process: "subprocess.Popen[bytes]") -> int:
    """Take the child from subprocess, which would otherwise reap it behind our back."""
    process.returncode = 0
    return process.pid


def _become_on_terminal(login: SshLogin) -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    if not login.has_one_id:
        os.fchown(0, login.account.pw_uid, -1)
    become(login)


def _become_in_nested_namespace(account: pwd.struct_passwd) -> None:
    sysc.prctl(sysc.PR_SET_DUMPABLE, 1)  # else our own uid_map is not ours to write
    sysc.unshare(sysc.NEWUSER)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{account.pw_uid} 0 1\n"),
        ("gid_map", f"{account.pw_gid} 0 1\n"),
    ):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(descriptor, text.encode())
        os.close(descriptor)
    sysc.prctl(sysc.PR_SET_DUMPABLE, 0)


def _run_forked(login: SshLogin, run: Callable[[], None], pipes: tuple[int, int]) -> None:
    code = 1
    try:
        os.dup2(pipes[0], 0)
        os.dup2(pipes[1], 1)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        become(login)
        home = login.account.pw_dir
        os.chdir(home if os.access(home, os.X_OK) else "/")
        os.umask(0o022)
        run()
        code = 0
    finally:
        os._exit(code)
