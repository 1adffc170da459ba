"""Ways out of a body to servers of emulated clouds: its own 127.0.0.1:PORT leads to this machine's.

Takes a ground and ports, opens listeners in the network namespaces of VMs. An emulator's answers name its address, and
a machine that reads them, as one that fetches from object storage does, finds the emulator there.
"""

import contextlib
import ctypes
import os
import shutil
import socket
import threading

from cpi.values import VmCid
from tests.support.bodies.ground import Ground

_LOOPBACK = "127.0.0.1"
_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


class Outlets:
    """Safe to call from several threads."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._lock = threading.Lock()
        self._ports: set[int] = set()
        self._open: dict[tuple[VmCid, int], socket.socket] = {}

    def lead_to(self, port: int) -> None:
        """Let every VM that boots from now on reach a port of this machine; twice is once."""
        with self._lock:
            self._ports.add(port)

    def open(self, cid: VmCid) -> None:
        """Open them all on a VM that runs."""
        with self._lock:
            for port in self._ports:
                listener = _listen_in(f"/proc/{self._ground.first_process(cid)}/ns/net", port)
                self._open[cid, port] = listener
                threading.Thread(target=_serve, args=(listener, port), daemon=True).start()

    def close(self, cid: VmCid) -> None:
        """Before it goes or is switched off, for a listener keeps its network alive; closed before is success."""
        with self._lock:
            for key in [key for key in self._open if key[0] == cid]:
                listener = self._open.pop(key)
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
                listener.close()


def _listen_in(namespace: str, port: int) -> socket.socket:
    """A listener in another network namespace. One thread enters it and ends there: no other is moved."""
    made: list[socket.socket | OSError] = []

    def enter() -> None:
        try:
            with open(namespace, "rb") as stream:
                if _LIBC.setns(stream.fileno(), _CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), namespace)
            made.append(socket.create_server((_LOOPBACK, port)))
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise made[0]
    return made[0]


def _serve(listener: socket.socket, port: int) -> None:
    with contextlib.suppress(OSError):  # closed: the VM goes
        while True:
            inner, _ = listener.accept()
            threading.Thread(target=_relay, args=(inner, port), daemon=True).start()


def _relay(inner: socket.socket, port: int) -> None:
    with inner, contextlib.suppress(OSError), socket.create_connection((_LOOPBACK, port)) as outer:
        back = threading.Thread(target=_copy, args=(outer, inner), daemon=True)
        back.start()
        _copy(inner, outer)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        with source.makefile("rb", 0) as reading, target.makefile("wb", 0) as writing:
            shutil.copyfileobj(reading, writing)
        target.shutdown(socket.SHUT_WR)
