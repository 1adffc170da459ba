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

from cpi.clouds.local.inside.system.netlink_messages import attribute, messages, number, text

_NEWLINK, _DELLINK, _GETLINK = 16, 17, 18
_NEWADDR = 20
_DELADDR = 21
_NEWROUTE, _DELROUTE = 24, 25
_NEWRULE, _DELRULE = 32, 33
_SETNEIGHTBL = 67
_REQUEST, _ACK, _EXCL, _REPLACE, _CREATE = 1, 4, 0x200, 0x100, 0x400
_ERROR, _DONE = 2, 3

_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MTU, _IFLA_LINKINFO, _IFLA_NET_NS_FD = 1, 3, 4, 18, 28
_INFO_KIND, _INFO_DATA, _VETH_PEER = 1, 2, 1
_RTA_DST, _RTA_OIF, _RTA_GATEWAY = 1, 4, 5
_NDTA_NAME, _NDTA_PARMS, _NDTPA_IFINDEX, _NDTPA_PROXY_DELAY = 1, 6, 1, 13
_SCOPE_UNIVERSE, _SCOPE_LINK = 0, 253
_FRA_SRC, _FRA_IIFNAME, _FRA_PRIORITY, _FRA_TABLE, _TO_TABLE, _BLACKHOLE = 2, 3, 6, 15, 1, 6
_OWN_SOURCES, _OTHER_SOURCES = 1000, 1001
_IFA_F_NODAD = 2
_MAIN = 254
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_MTU = 1500
_GIVEN_ADDRESSES = {"accept_ra": "0", "autoconf": "0", "accept_dad": "0", "accept_redirects": "0", "disable_ipv6": "0"}


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
        answer = self.ask(_GETLINK, _link_head(0) + text(_IFLA_IFNAME, name))
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
        self.ask(_NEWLINK, _link_head(index, up=True))

    def add_veth(self, name: str, *, peer: str, peer_ns: int, mac: str) -> int:
        """Make a pair: `name` here, and `peer` in the namespace behind `peer_ns`; gives the index of `name`."""
        other = _link_head(0) + text(_IFLA_IFNAME, peer) + number(_IFLA_NET_NS_FD, peer_ns)
        other += number(_IFLA_MTU, _MTU) + attribute(_IFLA_ADDRESS, _mac(mac))
        pair = text(_INFO_KIND, "veth") + attribute(_INFO_DATA, attribute(_VETH_PEER, other))
        body = _link_head(0, up=True) + text(_IFLA_IFNAME, name)
        self.ask(_NEWLINK, body + number(_IFLA_MTU, _MTU) + attribute(_IFLA_LINKINFO, pair), _CREATE | _EXCL)
        return self.index(name)

    def delete_link(self, name: str) -> None:
        """Remove a link; its peer goes with it."""
        self.ask(_DELLINK, _link_head(self.index(name)))

    def add_address(self, index: int, address: str, prefix: int) -> None:
        """Give a link an address; there before is success."""
        self.ask(_NEWADDR, _address_body(index, address, prefix), _CREATE | _REPLACE)

    def delete_address(self, index: int, address: str, prefix: int) -> None:
        """Take an address from a link; OSError when it has none."""
        self.ask(_DELADDR, _address_body(index, address, prefix))

    def answer_at_once(self, index: int) -> None:
        """Let a link answer for other links' addresses without the usual random delay."""
        delay = attribute(_NDTPA_PROXY_DELAY, struct.pack("=Q", 0))
        body = struct.pack("=BBH", socket.AF_INET, 0, 0) + text(_NDTA_NAME, "arp_cache")
        self.ask(_SETNEIGHTBL, body + attribute(_NDTA_PARMS, number(_NDTPA_IFINDEX, index) + delay))

    def set_default_route(self, gateway: str) -> None:
        """Send all that has no nearer route to `gateway`."""
        head = _route_head(0, family=_family(gateway))
        self.ask(_NEWROUTE, head + attribute(_RTA_GATEWAY, _packed(gateway)), _CREATE | _REPLACE)

    def route_by_source(self, addresses: Sequence[str], index: int, gateway: str, *, table: int) -> None:
        """Send what comes from these addresses to `gateway` out of a link, by a table of its own from 1 to 252."""
        way = attribute(_RTA_GATEWAY, _packed(gateway)) + number(_RTA_OIF, index)
        self.ask(_NEWROUTE, _route_head(0, table=table, family=_family(gateway)) + way, _CREATE | _REPLACE)
        for address in addresses:
            body = _rule_head(address, table=table) + number(_FRA_TABLE, table)
            self.ask(_NEWRULE, body, _CREATE)

    def keep_source(self, link: str, address: str) -> None:
        """Forward what comes in by a link from this IPv6 address; with `drop_other_sources`, nothing else.

        IPv4 has rp_filter for that.
        """
        body = _rule_head(address, table=_MAIN) + text(_FRA_IIFNAME, link)
        self.ask(_NEWRULE, body + number(_FRA_PRIORITY, _OWN_SOURCES) + number(_FRA_TABLE, _MAIN), _CREATE)

    def drop_other_sources(self, link: str) -> None:
        """Forward nothing of IPv6 that comes in by a link, but for what `keep_source` says."""
        head = struct.pack("=BBBBBBBBI", socket.AF_INET6, 0, 0, 0, 0, 0, 0, _BLACKHOLE, 0)
        self.ask(_NEWRULE, head + text(_FRA_IIFNAME, link) + number(_FRA_PRIORITY, _OTHER_SOURCES), _CREATE)

    def forget_sources(self, link: str) -> None:
        """Remove the rules of both; they outlive their link."""
        head = struct.pack("=BBBBBBBBI", socket.AF_INET6, 0, 0, 0, 0, 0, 0, 0, 0) + text(_FRA_IIFNAME, link)
        for priority in (_OWN_SOURCES, _OTHER_SOURCES):
            with contextlib.suppress(OSError):
                while True:
                    self.ask(_DELRULE, head + number(_FRA_PRIORITY, priority))

    def set_link_route(self, address: str, index: int) -> None:
        """Send one address out of a link, where its owner is; replaces where it went before."""
        family = _family(address)
        scope = _SCOPE_LINK if family == socket.AF_INET else _SCOPE_UNIVERSE
        body = _route_head(_whole(address), scope=scope, family=family) + attribute(_RTA_DST, _packed(address))
        self.ask(_NEWROUTE, body + number(_RTA_OIF, index), _CREATE | _REPLACE)

    def set_host_route(self, address: str, gateway: str) -> None:
        """Send one address to `gateway`; replaces where it went before."""
        body = _route_head(32) + attribute(_RTA_DST, _packed(address))
        self.ask(_NEWROUTE, body + attribute(_RTA_GATEWAY, _packed(gateway)), _CREATE | _REPLACE)

    def delete_host_route(self, address: str) -> None:
        """Forget where one address goes."""
        self.ask(_DELROUTE, _route_head(32) + attribute(_RTA_DST, _packed(address)))

    def ask(self, kind: int, body: bytes, flags: int = 0) -> list[bytes]:
        """Send one request; gives what is answered. Raises OSError."""
        self._sequence += 1
        head = struct.pack("=IHHII", 16 + len(body), kind, flags | _REQUEST | _ACK, self._sequence, 0)
        self._socket.send(head + body)
        answers: list[bytes] = []
        while True:
            for answer_kind, payload in messages(self._socket.recv(65536)):
                if answer_kind not in (_ERROR, _DONE):
                    answers.append(payload)
                    continue
                failed = -struct.unpack_from("=i", payload)[0]
                if failed:
                    raise OSError(failed, os.strerror(failed), f"netlink request {kind}")
                return answers


def allow_ipv6(link: str = "default") -> None:
    """Let a link have IPv6 addresses, those that it is given alone; "default" means links made from now on."""
    for name, value in _GIVEN_ADDRESSES.items():
        with open(f"/proc/sys/net/ipv6/conf/{link}/{name}", "w", encoding="utf-8") as file:
            file.write(value)


def forward_ipv6() -> None:
    """Let this namespace route IPv6."""
    with open("/proc/sys/net/ipv6/conf/all/forwarding", "w", encoding="utf-8") as file:
        file.write("1")


def keep_links_quiet() -> None:
    """Give links made from now on in this namespace no IPv6: its chatter costs each link something.

    The loopback interface keeps ::1. A kernel without IPv6 is quiet already.
    """
    with contextlib.suppress(OSError), open("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w") as file:
        file.write("1")


def _mac(value: str) -> bytes:
    return bytes.fromhex(value.replace(":", ""))


def _link_head(index: int, *, up: bool = False) -> bytes:
    flag = 1 if up else 0
    return struct.pack("=BxHiII", 0, 0, index, flag, flag)


def _address_body(index: int, address: str, prefix: int) -> bytes:
    packed, flags = _packed(address), 0 if _family(address) == socket.AF_INET else _IFA_F_NODAD
    head = struct.pack("=BBBBI", _family(address), prefix, flags, 0, index)
    return head + attribute(_IFA_LOCAL, packed) + attribute(_IFA_ADDRESS, packed)


def _route_head(
    prefix: int, *, scope: int = _SCOPE_UNIVERSE, table: int = _MAIN, family: int = socket.AF_INET
) -> bytes:
    protocol_static, unicast = 4, 1
    return struct.pack("=BBBBBBBBI", family, prefix, 0, 0, table, protocol_static, scope, unicast, 0)


def _rule_head(source: str, *, table: int) -> bytes:
    """A rule on what comes from one address, which looks into a table."""
    head = struct.pack("=BBBBBBBBI", _family(source), 0, _whole(source), 0, table, 0, 0, _TO_TABLE, 0)
    return head + attribute(_FRA_SRC, _packed(source))


def _family(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _packed(address: str) -> bytes:
    return socket.inet_pton(_family(address), address)


def _whole(address: str) -> int:
    return 128 if ":" in address else 32
