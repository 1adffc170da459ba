"""A channel through one SSH connection as the socket of another.

Takes a paramiko channel, gives what paramiko's transport asks of a socket. A channel by itself is a poor one: its
`close` sends, and fails where the outer connection is dead; the inner connection's thread would end there with a
traceback on the terminal, and a thread that waits for it would not wake.
"""

import contextlib
import errno
from collections.abc import Iterator

import paramiko

from director.edge.agents import ssh_closing


class Tunnel:
    """Errors are those of a socket: OSError with number and words. Closing twice is closing once."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel
        self._closed = False  # under this name paramiko looks for it

    def send(self, data: bytes) -> int:
        """At least one byte; gives how many."""
        with _as_socket_error():
            return self._channel.send(data)

    def recv(self, size: int) -> bytes:
        """At most so many bytes; b"" at the end. Raises TimeoutError."""
        with _as_socket_error():
            return self._channel.recv(size)

    def settimeout(self, timeout_s: float | None) -> None:
        """How long `send` and `recv` wait, in seconds."""
        self._channel.settimeout(timeout_s)

    def close(self) -> None:
        """Say so at the other end if the outer connection can still carry it."""
        self._closed = True
        ssh_closing.close_quietly(self._channel)


@contextlib.contextmanager
def _as_socket_error() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise ConnectionResetError(errno.ECONNRESET, str(error) or "the outer connection is closed") from error
