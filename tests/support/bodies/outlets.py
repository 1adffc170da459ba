"""Ways out of a body to servers of emulated clouds: its own 127.0.0.1:PORT leads to this machine's.

Takes a ground and ports, opens listeners in the network namespaces of VMs. An emulator's answers name its address, and
a machine that reads them, as one that fetches from object storage does, finds the emulator there.
"""

import ctypes
import os
import socket
import threading

from cpi.contract.values import VmCid
from tests.support import relay
from tests.support.bodies.ground import Ground

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
                threading.Thread(target=relay.serve, args=(listener, lambda port=port: port), daemon=True).start()

    def close(self, cid: VmCid) -> None:
        """Before it goes or is switched off, for a listener keeps its network alive; closed before is success."""
        with self._lock:
            for key in [key for key in self._open if key[0] == cid]:
                relay.close(self._open.pop(key))


def _listen_in(namespace: str, port: int) -> socket.socket:
    """A listener in another network namespace. One thread enters it and ends there: no other is moved."""
    made: list[socket.socket | OSError] = []

    def enter() -> None:
        try:
            with open(namespace, "rb") as stream:
                if _LIBC.setns(stream.fileno(), _CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), namespace)
            made.append(socket.create_server((relay.LOOPBACK, port)))
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise made[0]
    return made[0]
