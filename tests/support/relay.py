"""Ports that lead to other ports of this machine's 127.0.0.1.

Takes a listener, serves until it is closed.
"""

import contextlib
import shutil
import socket
import threading
from collections.abc import Callable

LOOPBACK = "127.0.0.1"


def serve(listener: socket.socket, port: Callable[[], int]) -> None:
    """Forward every connection to a port, which is looked up each time, in a thread of its own."""
    with contextlib.suppress(OSError):  # closed
        while True:
            inner, _ = listener.accept()
            threading.Thread(target=_relay, args=(inner, port), daemon=True).start()


def close(listener: socket.socket) -> None:
    """End it, and the thread that waits in accept."""
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def _relay(inner: socket.socket, port: Callable[[], int]) -> None:
    with inner, contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port())) as outer:
        back = threading.Thread(target=_copy, args=(outer, inner), daemon=True)
        back.start()
        _copy(inner, outer)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        with source.makefile("rb", 0) as reading, target.makefile("wb", 0) as writing:
            shutil.copyfileobj(reading, writing)
        target.shutdown(socket.SHUT_WR)
