"""Public addresses of an emulated cloud that this machine really reaches: addresses of its loopback interface.

Takes a ground, gives addresses; one leads to a private address while it is associated, and refuses while it is not,
as behind the address translation of a real cloud: the VM never sees it. Of the ports, those are open that the security
groups of the private address let this machine in to.
"""

import hashlib
import socket
import threading
from collections.abc import Mapping

from cpi.clouds.local.inside.records import locks, records
from cpi.kit.public_access import PUBLIC_PORTS
from tests.support.bodies.ground import Ground
from tests.support.inbound_rules import OPERATOR, Inbound, lets_in

PORTS = PUBLIC_PORTS
"""Those that may be open; what a plugin opens beside them is not seen."""

_TRIES = 64


class PublicAddresses:
    """Safe to call from several threads."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._lock = threading.Lock()
        self._leading: dict[str, str] = {}
        self._reserved: set[str] = set()
        self._inbound: Mapping[str, Inbound] | None = None

    def reserve(self) -> str:
        """A free address with free ports."""
        with self._lock:
            for number in range(_TRIES):
                address = _loopback(f"{self._ground.folder} {number}")
                if address not in self._reserved and _is_free(address):
                    self._reserved.add(address)
                    return address
        raise RuntimeError(f"no loopback address with free ports {PORTS} in {_TRIES} tries")

    def release(self, address: str) -> None:
        """Give it back; gone before is success."""
        self.lead(address, "")
        with self._lock:
            self._reserved.discard(address)

    def lead(self, address: str, ip: str) -> None:
        """Let the address lead to the private one, "" for nowhere."""
        with self._lock:
            if self._leading.get(address, "") == ip:
                return
            self._leading[address] = ip
            self._open()

    def guard(self, inbound: Mapping[str, Inbound]) -> None:
        """Show from now on what is let in, by private address; an address that is not among them shows nothing."""
        with self._lock:
            self._inbound = dict(inbound)
            self._open()

    def open_all(self) -> None:
        """Open what was to be led somewhere before there was any machine; open before is success."""
        with self._lock:
            self._open()

    def cut(self, ip: str) -> None:
        """Let nothing lead to the private address any more."""
        for address in [public for public, private in self._leading.items() if private == ip]:
            self.lead(address, "")

    def _open(self) -> None:
        if not self._ground.api.exists():
            return
        forwards: list[records.ForwardRecord] = [
            {"address": private, "port": port, "host": public, "listen": port}
            for public, private in sorted(self._leading.items())
            for port in PORTS
            if private and self._is_shown(private, port)
        ]
        state = self._ground.api.state
        with locks.alone(f"{state}/edge-list.lock"):
            records.save(f"{state}/edge.json", {"forwards": forwards})
        failures = self._ground.api.ensure_edge()
        assert not failures, f"public addresses that could not be opened: {failures}"

    def _is_shown(self, private: str, port: int) -> bool:
        """All is, where no security group was heard of: that cloud has none."""
        if self._inbound is None:
            return True
        return private in self._inbound and lets_in(self._inbound[private], OPERATOR, port)


def _loopback(seed: str) -> str:
    """Outside of what local clouds choose for themselves."""
    digest = hashlib.sha256(seed.encode()).digest()
    return f"127.{192 + digest[0] % 62}.{digest[1]}.{1 + digest[2] % 254}"


def _is_free(address: str) -> bool:
    for port in PORTS:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((address, port))
            except OSError:
                return False
    return True
