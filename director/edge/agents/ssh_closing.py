"""A channel closed whatever state its connection is in.

Takes a paramiko channel. Its own `close` sends a word, and fails where the connection can send no more.
"""

import contextlib
from typing import Protocol

import paramiko


class Closable(Protocol):
    def close(self) -> None: ...


def close_quietly(channel: Closable) -> None:
    """After: closed on this side; the other side is notified if possible."""
    with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
        channel.close()
