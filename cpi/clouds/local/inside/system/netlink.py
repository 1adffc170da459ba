"""Links, addresses and routes of one network namespace, by rtnetlink.

Takes names, addresses and lengths, gives link indexes; raises OSError. A socket stays for ever in the namespace of
the thread that opened it.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Sequence
from types import TracebackType
from typing import Self

_NEWLINK, _DELLINK, _GETLINK = 16, 17, 18
_NEWADDR = 20
_NEWROUTE, _DELROUTE = 24, 25
_NEWRULE = 32
_SETNEIGHTBL = 67
_REQUEST, _ACK, _EXCL, _REPLACE, _CREATE = 1, 4, 0x200, 0x100, 0x400
_ERROR = 2

_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MTU, _IFLA_LINKINFO, _IFLA_NET_NS_FD = 1, 3, 4, 18, 28
_INFO_KIND, _INFO_DATA, _VETH_PEER = 1, 2, 1
_RTA_DST, _RTA_OIF, _RTA_GATEWAY = 1, 4, 5
_NDTA_NAME, _NDTA_PARMS, _NDTPA_IFINDEX, _NDTPA_PROXY_DELAY = 1, 6, 1, 13
_SCOPE_UNIVERSE, _SCOPE_LINK = 0, 253
_FRA_SRC, _FRA_TABLE, _TO_TABLE = 2, 15, 1
_MAIN = 254
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_MTU = 1500


class Netlink:
    """A request socket into the calling thread's network namespace."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        self._socket.bind((0, 0))
        self._sequence = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def index(self, name: str) -> int:
        """The index of the link called `name`; OSError ENODEV without it."""
        answer = self._ask(_GETLINK, _link_head(0) + _text(_IFLA_IFNAME, name))
        index: int = struct.unpack_from("=BxHi", answer[0])[2]
        return index

    def has_link(self, name: str) -> bool:
        """Whether a link called `name` is there."""
        try:
            self.index(name)
        except OSError:
            return False
        return True

    def set_up(self, index: int) -> None:
        """Bring a link up."""
        self._ask(_NEWLINK, _link_head(index, up=True))

    def add_veth(self, name: str, *, peer: str, peer_ns: int, mac: str) -> int:
        """Make a pair: `name` here, and `peer` in the namespace behind `peer_ns`; gives the index of `name`."""
        other = _link_head(0) + _text(_IFLA_IFNAME, peer) + _number(_IFLA_NET_NS_FD, peer_ns)
        other += _number(_IFLA_MTU, _MTU) + _attribute(_IFLA_ADDRESS, _mac(mac))
        pair = _text(_INFO_KIND, "veth") + _attribute(_INFO_DATA, _attribute(_VETH_PEER, other))
        body = _link_head(0, up=True) + _text(_IFLA_IFNAME, name)
        self._ask(_NEWLINK, body + _number(_IFLA_MTU, _MTU) + _attribute(_IFLA_LINKINFO, pair), _CREATE | _EXCL)
        return self.index(name)

    def delete_link(self, name: str) -> None:
        """Remove a link; its peer goes with it."""
        self._ask(_DELLINK, _link_head(self.index(name)))

    def add_address(self, index: int, address: str, prefix: int) -> None:
        """Give a link an address; there before is success."""
        self._ask(_NEWADDR, _address_body(index, address, prefix), _CREATE | _REPLACE)

    def answer_at_once(self, index: int) -> None:
        """Let a link answer for other links' addresses without the usual random delay."""
        delay = _attribute(_NDTPA_PROXY_DELAY, struct.pack("=Q", 0))
        body = struct.pack("=BBH", socket.AF_INET, 0, 0) + _text(_NDTA_NAME, "arp_cache")
        self._ask(_SETNEIGHTBL, body + _attribute(_NDTA_PARMS, _number(_NDTPA_IFINDEX, index) + delay))

    def set_default_route(self, gateway: str) -> None:
        """Send all that has no nearer route to `gateway`."""
        self._ask(_NEWROUTE, _route_head(0) + _attribute(_RTA_GATEWAY, socket.inet_aton(gateway)), _CREATE | _REPLACE)

    def route_by_source(self, addresses: Sequence[str], index: int, gateway: str, *, table: int) -> None:
        """Send what comes from these addresses to `gateway` out of a link, by a table of its own from 1 to 252."""
        way = _attribute(_RTA_GATEWAY, socket.inet_aton(gateway)) + _number(_RTA_OIF, index)
        self._ask(_NEWROUTE, _route_head(0, table=table) + way, _CREATE | _REPLACE)
        for address in addresses:
            head = struct.pack("=BBBBBBBBI", socket.AF_INET, 0, 32, 0, table, 0, 0, _TO_TABLE, 0)
            body = head + _attribute(_FRA_SRC, socket.inet_aton(address)) + _number(_FRA_TABLE, table)
            self._ask(_NEWRULE, body, _CREATE)

    def set_link_route(self, address: str, index: int) -> None:
        """Send one address out of a link, where its owner is; replaces where it went before."""
        body = _route_head(32, scope=_SCOPE_LINK) + _attribute(_RTA_DST, socket.inet_aton(address))
        self._ask(_NEWROUTE, body + _number(_RTA_OIF, index), _CREATE | _REPLACE)

    def set_host_route(self, address: str, gateway: str) -> None:
        """Send one address to `gateway`; replaces where it went before."""
        body = _route_head(32) + _attribute(_RTA_DST, socket.inet_aton(address))
        self._ask(_NEWROUTE, body + _attribute(_RTA_GATEWAY, socket.inet_aton(gateway)), _CREATE | _REPLACE)

    def delete_host_route(self, address: str) -> None:
        """Forget where one address goes."""
        self._ask(_DELROUTE, _route_head(32) + _attribute(_RTA_DST, socket.inet_aton(address)))

    def _ask(self, kind: int, body: bytes, flags: int = 0) -> list[bytes]:
        self._sequence += 1
        head = struct.pack("=IHHII", 16 + len(body), kind, flags | _REQUEST | _ACK, self._sequence, 0)
        self._socket.send(head + body)
        answers: list[bytes] = []
        while True:
            for answer_kind, payload in _messages(self._socket.recv(65536)):
                if answer_kind != _ERROR:
                    answers.append(payload)
                    continue
                number = -struct.unpack_from("=i", payload)[0]
                if number:
                    raise OSError(number, os.strerror(number), f"netlink request {kind}")
                return answers


def keep_links_quiet() -> None:
    """Give links made from now on in this namespace no IPv6: its chatter costs each link something.

    The loopback interface keeps ::1. A kernel without IPv6 is quiet already.
    """
    with contextlib.suppress(OSError), open("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w") as file:
        file.write("1")


def _messages(data: bytes) -> list[tuple[int, bytes]]:
    messages = []
    while data:
        length, kind = struct.unpack_from("=IH", data)
        messages.append((kind, data[16:length]))
        data = data[(length + 3) & ~3 :]
    return messages


def _attribute(kind: int, data: bytes) -> bytes:
    length = len(data) + 4
    return struct.pack("=HH", length, kind) + data + b"\0" * (-length % 4)


def _text(kind: int, value: str) -> bytes:
    return _attribute(kind, value.encode() + b"\0")


def _number(kind: int, value: int) -> bytes:
    return _attribute(kind, struct.pack("=I", value))


def _mac(value: str) -> bytes:
    return bytes.fromhex(value.replace(":", ""))


def _link_head(index: int, *, up: bool = False) -> bytes:
    flag = 1 if up else 0
    return struct.pack("=BxHiII", 0, 0, index, flag, flag)


def _address_body(index: int, address: str, prefix: int) -> bytes:
    packed = socket.inet_aton(address)
    head = struct.pack("=BBBBI", socket.AF_INET, prefix, 0, 0, index)
    return head + _attribute(_IFA_LOCAL, packed) + _attribute(_IFA_ADDRESS, packed)


def _route_head(prefix: int, *, scope: int = _SCOPE_UNIVERSE, table: int = _MAIN) -> bytes:
    protocol_static, unicast = 4, 1
    return struct.pack("=BBBBBBBBI", socket.AF_INET, prefix, 0, 0, table, protocol_static, scope, unicast, 0)
