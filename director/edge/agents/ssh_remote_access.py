"""The RemoteAccess port: shells, commands and files over the agent's own connections.

Takes targets, gives exit codes.
"""

import contextlib
import os
import selectors
import shutil
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import paramiko

from director.edge.agents import sftp_copies
from director.edge.agents.guest_connections import GuestConnections
from director.edge.agents.ssh_targets import ssh_target
from director.edge.machine import sources
from director.errors import AgentError
from director.model.agents.agent_address import AgentTarget
from director.ports.remote_access import ScriptEnd

_CHUNK = 1 << 16
_LONGEST_BYTES = 1 << 16
_READ_AND_RUN = "sh -c 'eval \"$(cat)\"'"
"""The script is read before it runs: it finds its standard input empty, and no process has it as an argument."""


class SshRemoteAccess:
    """Needs no ssh program on this machine."""

    def __init__(self, guests: GuestConnections, redact: Callable[[str], str]) -> None:
        self._guests = guests
        self._redact = redact

    def open_shell(self, target: AgentTarget) -> int:
        """An interactive shell; the terminal is raw while it lasts."""
        size = shutil.get_terminal_size()
        with (
            self._guests.open_terminal(ssh_target(target), columns=size.columns, lines=size.lines) as channel,
            _raw_terminal(),
        ):
            _pump(channel, sys.stdin.fileno())
            return channel.recv_exit_status()

    def run_command(self, target: AgentTarget, command: str) -> int:
        """Run a command; what we are given on standard input goes there unless it is a terminal."""
        with self._guests.open_command(ssh_target(target), command) as channel:
            _pump(channel, None if sys.stdin.isatty() else sys.stdin.fileno())
            return channel.recv_exit_status()

    def run_script(self, target: AgentTarget, script: str) -> ScriptEnd:
        """Run a script by sh; both streams come as one, with the secrets of the environment taken out."""
        with self._guests.open_command(ssh_target(target), _READ_AND_RUN) as channel:
            channel.set_combine_stderr(True)
            channel.sendall(script.encode())
            channel.shutdown_write()
            printed = b""
            while data := channel.recv(_CHUNK):
                printed = (printed + data)[-_LONGEST_BYTES:]
            return ScriptEnd(
                exit_code=channel.recv_exit_status(), output=self._redact(printed.decode(errors="replace"))
            )

    def send_file(self, target: AgentTarget, *, local: str, remote: str, is_recursive: bool = False) -> None:
        """Copy a file there, its mode kept."""
        place = Path(local)
        if not place.is_file() and not place.is_dir():
            raise sources.missing_file(local, local)
        with self._guests.open_files(ssh_target(target)) as files, _explained(target, remote):
            sftp_copies.send(files, local=place, remote=remote, is_recursive=is_recursive)

    def fetch_file(self, target: AgentTarget, *, remote: str, local: str, is_recursive: bool = False) -> None:
        """Copy a file from there; a folder as `local` keeps the name."""
        with self._guests.open_files(ssh_target(target)) as files, _explained(target, remote):
            sftp_copies.fetch(files, remote=remote, local=Path(local), is_recursive=is_recursive)


@contextlib.contextmanager
def _explained(target: AgentTarget, remote: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AgentError(
            "copy-failed",
            f"'{remote}' on {target.name} could not be copied.",
            why=f"The VM reported: {error.strerror or error}.",
            fix="Check the path and its permissions.",
        ) from error


@contextlib.contextmanager
def _raw_terminal() -> Iterator[None]:
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setraw(sys.stdin.fileno())
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _pump(channel: paramiko.Channel, given: int | None) -> None:
    """Carry bytes both ways until the far side ends."""
    with selectors.SelectSelector() as selector:
        selector.register(channel, selectors.EVENT_READ)
        if given is not None:
            selector.register(given, selectors.EVENT_READ)
        else:
            channel.shutdown_write()
        while not _is_drained(channel):
            ready = [key.fileobj for key, _ in selector.select(timeout=0.5)]
            if given is not None and given in ready and not _send(channel, given):
                selector.unregister(given)
            _show(channel)


def _is_drained(channel: paramiko.Channel) -> bool:
    return channel.exit_status_ready() and not channel.recv_ready() and not channel.recv_stderr_ready()


def _send(channel: paramiko.Channel, given: int) -> bool:
    """Send what was typed; False at its end."""
    data = os.read(given, _CHUNK)
    if data:
        channel.sendall(data)
    else:
        channel.shutdown_write()
    return bool(data)


def _show(channel: paramiko.Channel) -> None:
    while channel.recv_ready():
        _write(1, channel.recv(_CHUNK))
    while channel.recv_stderr_ready():
        _write(2, channel.recv_stderr(_CHUNK))


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
