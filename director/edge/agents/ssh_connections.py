"""SSH connections, kept open: one to each jumpbox and one through it to each VM.

Takes targets and a loader of private keys, gives paramiko transports. An error names the leg that broke. paramiko keeps
a thread for each connection; the threads are its own and end with `close_all`.
"""

import logging
import socket
import threading
from collections.abc import Callable
from typing import cast

import paramiko

from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import Endpoint
from director.edge.agents import ssh_keys
from director.edge.agents.ssh_targets import SshTarget
from director.edge.agents.ssh_tunnels import Tunnel
from director.errors import UnreachableError
from director.model.secret_ref import SecretRef

_CONNECT_S = 5.0
_HANDSHAKE_S = 15.0
_KEEPALIVE_S = 15
_WINDOW = 1 << 26
_PACKET = 1 << 15
_CIPHERS = ("aes256-gcm@openssh.com", "aes128-gcm@openssh.com")
_DEAD_AFTER_MS = 30_000

Address = tuple[str, int, str]
KeyLoader = Callable[[SecretRef], str]
EndpointFinder = Callable[[str, str, int], Endpoint]
"""Where this machine reaches an address and port in the networks of a cloud. Raises CloudError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    transport: paramiko.Transport
    host_key: str


class SshConnections:
    """Safe to call from many threads."""

    def __init__(self, load_key: KeyLoader, find_endpoint: EndpointFinder) -> None:
        self._load_key = load_key
        self._find_endpoint = find_endpoint
        self._lock = threading.Lock()
        self._opening: dict[Address, threading.Lock] = {}
        self._open: dict[Address, _Open] = {}
        self._pinned: dict[Address, str] = {}
        logging.getLogger("paramiko").addHandler(logging.NullHandler())  # what matters comes as an exception

    def transport(self, target: SshTarget) -> paramiko.Transport:
        """An authenticated connection, opened unless there is one.

        Raises UnreachableError: vm-port-closed, vm-key-refused, vm-host-key-changed.
        """
        address = _address(target)
        with self._lock:
            opening = self._opening.setdefault(address, threading.Lock())
        with opening:
            there = self._open.get(address)
            if there is None or not there.transport.is_active():
                there = self._connect(target)
                with self._lock:
                    self._open[address] = there
            return there.transport

    def is_key_accepted(self, target: SshTarget) -> bool:
        """Whether a connection of its own is let in; it is closed again. Raises UnreachableError but for the key."""
        try:
            made = self._connect(target)
        except UnreachableError as error:
            if error.code == "vm-key-refused":
                return False
            raise
        made.transport.close()
        made.transport.join(1.0)
        return True

    def host_key(self, target: SshTarget) -> str:
        """The host key seen, as one OpenSSH line; "" before the first connection."""
        there = self._open.get(_address(target))
        return there.host_key if there else ""

    def forget(self, target: SshTarget) -> None:
        """Close the connection and drop the pin: the next machine at this address is another one."""
        self.close(target)
        with self._lock:
            self._pinned.pop(_address(target), None)

    def close(self, target: SshTarget) -> None:
        """Close the connection; the host key stays pinned."""
        with self._lock:
            there = self._open.pop(_address(target), None)
        if there is not None:
            there.transport.close()

    def close_all(self) -> None:
        with self._lock:
            everything, self._open = list(self._open.values()), {}
        for there in everything:
            there.transport.close()
        for there in everything:
            there.transport.join(1.0)  # so that no thread outlives its owner

    def _connect(self, target: SshTarget) -> _Open:
        stream = self._dial(target)
        try:
            transport = paramiko.Transport(stream, default_window_size=_WINDOW, default_max_packet_size=_PACKET)
        except (paramiko.SSHException, OSError) as error:
            raise _port_closed(target, error) from error
        try:
            key = self._shake_hands(transport, target)
            self._authenticate(transport, target)
        except UnreachableError:
            transport.close()
            raise
        transport.set_keepalive(_KEEPALIVE_S)
        return _Open(transport=transport, host_key=ssh_keys.describe_key(key))

    def _dial(self, target: SshTarget) -> socket.socket:
        try:
            if target.jump is not None:
                jump = self.transport(target.jump)
                way = ("direct-tcpip", (target.host, target.port), ("127.0.0.1", 0))
                # A socket in all that a transport asks for; paramiko's types know no name for that.
                return cast(socket.socket, Tunnel(jump.open_channel(*way, timeout=_CONNECT_S)))
            there = self._endpoint(target)
            stream = socket.create_connection((there.host, there.port), timeout=_CONNECT_S)
        except (paramiko.SSHException, OSError, EOFError, CloudError) as error:
            raise _port_closed(target, error) from error
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_AFTER_MS)
        return stream

    def _endpoint(self, target: SshTarget) -> Endpoint:
        if not target.cloud:
            return Endpoint(host=target.host, port=target.port)
        return self._find_endpoint(target.cloud, target.host, target.port)

    def _shake_hands(self, transport: paramiko.Transport, target: SshTarget) -> paramiko.PKey:
        expected = target.host_key or self._pinned.get(_address(target), "")
        _prefer(transport, expected)
        transport.banner_timeout = _HANDSHAKE_S
        transport.auth_timeout = _HANDSHAKE_S
        try:
            transport.start_client(timeout=_HANDSHAKE_S)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise _port_closed(target, error) from error
        key = transport.get_remote_server_key()
        if expected and not ssh_keys.is_same_key(expected, key):
            raise UnreachableError(
                "vm-host-key-changed",
                f"{target.name} at {target.host}:{target.port} has a different host key than before.",
                why=f"Its key is {key.fingerprint}, which differs from the known one.",
                fix="If the VM was replaced on purpose, recreate the instance; otherwise find out what answers there.",
            )
        with self._lock:
            self._pinned[_address(target)] = ssh_keys.describe_key(key)
        return key

    def _authenticate(self, transport: paramiko.Transport, target: SshTarget) -> None:
        key = ssh_keys.read_private_key(self._load_key(target.key), name=str(target.key))
        try:
            transport.auth_publickey(target.user, key)
        except paramiko.AuthenticationException as error:
            raise UnreachableError(
                "vm-key-refused",
                f"{target.name} at {target.host}:{target.port} refuses the environment's key for user '{target.user}'.",
                why=str(error),
                fix="Check that the VM's first boot has finished and that it was created with the environment's key.",
            ) from error
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise _port_closed(target, error) from error


def _prefer(transport: paramiko.Transport, host_key: str) -> None:
    """AES-GCM first, the fastest where the processor knows AES; and the kind of host key that we can compare."""
    options = transport.get_security_options()
    known = list(options.ciphers)
    options.ciphers = tuple(sorted(known, key=lambda name: name not in _CIPHERS))
    if host_key:
        kind = host_key.split()[0]
        fitting = [name for name in options.key_types if name == kind or (kind == "ssh-rsa" and "rsa" in name)]
        options.key_types = tuple(fitting + [name for name in options.key_types if name not in fitting])


def _port_closed(target: SshTarget, error: Exception) -> UnreachableError:
    through = f" through {target.jump.name}" if target.jump else ""
    return UnreachableError(
        "vm-port-closed",
        f"{target.name} does not answer SSH at {target.host}:{target.port}{through}.",
        why=str(error) or type(error).__name__,
        fix="Check that the VM and its SSH server are running and that the network allows the connection.",
    )


def _address(target: SshTarget) -> Address:
    jump = f" by {target.jump.host}:{target.jump.port}" if target.jump else f" in {target.cloud}"
    return target.host, target.port, target.user + jump
