"""The Unix sockets of a cloud, reached through a descriptor: a socket's path ends at 108 bytes.

Takes a state directory and a socket's name, gives sockets. The directory is 0700, so who gets here may ask.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

SERVICE = "ctl.sock"
SERVICE_LOCK = "service.lock"
EDGE = "edge.sock"
EDGE_LOCK = "edge.lock"
BALANCERS = "balancers.sock"
BALANCER_LOCK = "balancers.lock"


def listen(state: str, name: str) -> socket.socket:
    """A listening socket; one left behind by a dead process is replaced."""
    with _short_path(state, name) as path:
        if os.path.lexists(path):
            os.unlink(path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen(128)
    return listener


def connect(state: str, name: str, *, timeout_s: float) -> socket.socket:
    """A connected socket; OSError if the port is closed."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    connection.settimeout(timeout_s)
    try:
        with _short_path(state, name) as path:
            connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


@contextmanager
def _short_path(state: str, name: str) -> Iterator[str]:
    directory = os.open(state, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{name}"
    finally:
        os.close(directory)
