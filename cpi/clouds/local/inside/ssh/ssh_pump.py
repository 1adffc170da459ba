"""Move bytes between an SSH channel and a child's pipes, and tell the client how the child ended.

Takes a channel and a Child inside a running asyncio loop. The exit status is sent only after all output, as by OpenSSH.
"""

import asyncio
import contextlib
import os
import signal

import asyncssh

from cpi.clouds.local.inside.ssh import ssh_login

_CHUNK = 262144
_ENOUGH = 1 << 20


class Pump:
    def __init__(self, channel: "asyncssh.SSHServerChannel[bytes]", child: ssh_login.Child) -> None:
        self._channel = channel
        self._child = child
        self._loop = asyncio.get_running_loop()
        self._streams: dict[int, int | None] = {}
        self._waiting = bytearray()
        self._stdin: int | None = child.stdin
        self._is_input_over = False
        self._is_closed = False
        self._status: int | None = None
        self._start()

    def feed(self, data: bytes) -> None:
        """Give the child input."""
        if self._stdin is not None:
            self._waiting += data
            self._write_waiting()

    def end_input(self) -> None:
        """The client sends no more."""
        self._is_input_over = True
        if self._child.terminal is not None and self._stdin is not None:
            self._waiting += b"\x04"
        self._write_waiting()

    def pause_output(self) -> None:
        """The client cannot take more for now."""
        for descriptor in self._streams:
            self._loop.remove_reader(descriptor)

    def resume_output(self) -> None:
        """The client takes more again."""
        for descriptor in self._streams:
            self._loop.add_reader(descriptor, self._read, descriptor)

    def send_signal(self, name: str) -> None:
        """Send the child's group a signal by its SSH name; unknown ones do nothing."""
        with contextlib.suppress(OSError, KeyError):
            os.killpg(self._child.pid, signal.Signals[f"SIG{name}"])

    def abandon(self) -> None:
        """The client is gone: close every pipe; the child sees end of file or a hang-up."""
        self._is_closed = True
        for descriptor in list(self._streams):
            self._drop_stream(descriptor)
        self._drop_input()

    def _start(self) -> None:
        kinds = (None, asyncssh.EXTENDED_DATA_STDERR)
        for descriptor, kind in zip(self._child.outputs, kinds, strict=False):
            os.set_blocking(descriptor, False)
            self._streams[descriptor] = kind
            self._loop.add_reader(descriptor, self._read, descriptor)
        os.set_blocking(self._child.stdin, False)
        watched = os.pidfd_open(self._child.pid)
        self._loop.add_reader(watched, self._reap, watched)

    def _read(self, descriptor: int) -> None:
        try:
            data = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return
        except OSError:  # a terminal whose last user is gone answers EIO
            data = b""
        if data:
            self._channel.write(data, self._streams[descriptor])
            return
        self._drop_stream(descriptor)
        self._send_exit_status()

    def _reap(self, watched: int) -> None:
        self._loop.remove_reader(watched)
        os.close(watched)
        self._status = os.waitstatus_to_exitcode(os.waitpid(self._child.pid, 0)[1])
        self._send_exit_status()

    def _send_exit_status(self) -> None:
        if self._status is None or self._streams or self._is_closed:
            return
        self._is_closed = True
        self._drop_input()
        if self._status < 0:
            self._channel.exit_with_signal(signal.Signals(-self._status).name[3:])
        else:
            self._channel.exit(self._status)

    def _write_waiting(self) -> None:
        if self._stdin is None:
            return
        while self._waiting:
            try:
                del self._waiting[: os.write(self._stdin, self._waiting[:65536])]
            except BlockingIOError:
                self._loop.add_writer(self._stdin, self._write_waiting)
                if len(self._waiting) > _ENOUGH:
                    self._channel.pause_reading()
                return
            except OSError:  # the child reads no more
                self._waiting.clear()
                self._is_input_over = True
        self._loop.remove_writer(self._stdin)
        self._channel.resume_reading()  # feeds us what it held back before it returns, and may end the input as well
        if self._is_input_over and not self._waiting and self._child.terminal is None:
            self._drop_input()

    def _drop_stream(self, descriptor: int) -> None:
        self._loop.remove_reader(descriptor)
        del self._streams[descriptor]
        os.close(descriptor)

    def _drop_input(self) -> None:
        if self._stdin is not None:
            self._loop.remove_writer(self._stdin)
            os.close(self._stdin)
            self._stdin = None
