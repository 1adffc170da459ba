"""One SSH session: what the client asks for becomes a child of the user's.

Takes asyncssh's callbacks. Its own pumping replaces asyncssh's redirection, which hangs when a client closes early, and
its own start of the file server, which would otherwise run as root for every user.
"""

import asyncssh

from cpi.clouds.local.inside.ssh import ssh_login, ssh_pump, ssh_sftp


class SshSession(asyncssh.SSHServerSession[bytes]):
    def __init__(self, login: ssh_login.SshLogin) -> None:
        self._login = login
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._pump: ssh_pump.Pump | None = None
        self._child: ssh_login.Child | None = None
        self._command = ""
        self._is_sftp = False
        self._terminal = ""
        self._size = (80, 24)

    def connection_made(self, chan: "asyncssh.SSHServerChannel[bytes]") -> None:
        self._channel = chan

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        self._terminal = term_type or "linux"
        self._size = (term_size[0], term_size[1])
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        self._is_sftp = subsystem == "sftp"
        return self._is_sftp

    def session_started(self) -> None:
        assert self._channel is not None
        try:
            self._child = self._start()
        except (OSError, ValueError) as error:
            self._channel.write_stderr(f"cannot start: {error}\n".encode())
            self._channel.exit(254)
            return
        self._pump = ssh_pump.Pump(self._channel, self._child)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        if self._pump is not None:
            self._pump.feed(data)

    def eof_received(self) -> bool:
        if self._pump is not None:
            self._pump.end_input()
        return True

    def pause_writing(self) -> None:
        if self._pump is not None:
            self._pump.pause_output()

    def resume_writing(self) -> None:
        if self._pump is not None:
            self._pump.resume_output()

    def terminal_size_changed(self, *size: int) -> None:
        if self._child is not None and self._child.terminal is not None:
            ssh_login.resize(self._child.terminal, size[0], size[1])

    def signal_received(self, signame: str) -> None:
        if self._pump is not None:
            self._pump.send_signal(signame)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._pump is not None:
            self._pump.abandon()

    def _start(self) -> ssh_login.Child:
        assert self._channel is not None
        if self._is_sftp:
            return ssh_login.start_forked(self._login, ssh_sftp.serve_stdio)
        environment = self._login.environment(dict(self._channel.get_environment()))
        if self._terminal:
            environment["TERM"] = self._terminal
            child = ssh_login.start_on_terminal(self._login, self._command, environment)
            ssh_login.resize(child.outputs[0], *self._size)
            return child
        if self._command:
            return ssh_login.start_command(self._login, self._command, environment)
        return ssh_login.start_shell(self._login, environment)
