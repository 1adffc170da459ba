"""Routing tables of the cloud's router, and the rules that say which packets look into one, by rtnetlink. IPv4.

Takes routes and rules, gives those that there are; raises OSError.
"""

import socket
import struct
from dataclasses import dataclass
from enum import IntEnum

from cpi.clouds.local.inside.system.netlink import Netlink
from cpi.clouds.local.inside.system.netlink_messages import attribute, attributes, number

_NEWROUTE, _DELROUTE, _GETROUTE = 24, 25, 26
_NEWRULE, _DELRULE, _GETRULE = 32, 33, 34
_CREATE, _REPLACE, _EXCL, _DUMP = 0x400, 0x100, 0x200, 0x300
_RTA_DST, _RTA_OIF, _RTA_GATEWAY, _RTA_PRIORITY, _RTA_TABLE = 1, 4, 5, 6, 15
_FRA_PRIORITY, _FRA_FWMARK, _FRA_TABLE = 6, 10, 15
_STATIC, _UNIVERSE, _ONLINK, _TO_TABLE = 4, 0, 4, 1
_HEAD = "=BBBBBBBBI"
_HEAD_SIZE = struct.calcsize(_HEAD)
_PRIORITY = 500
"""Before the main table, after the router's own addresses."""


class RouteKind(IntEnum):
    """`THROW` leaves the decision to the next rule."""

    UNICAST = 1
    BLACKHOLE = 6
    UNREACHABLE = 7
    THROW = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelRoute:
    """Of routes to one range that with the lowest metric counts. `gateway` and `link` are of UNICAST alone."""

    network: str
    prefix: int
    kind: RouteKind
    metric: int = 0
    gateway: str = ""
    link: str = ""


class RouteLinks(Netlink):
    def set_table(self, table: int, routes: list[KernelRoute]) -> None:
        """Let a table have these routes and no others; what stays is never missing meanwhile."""
        for route in routes:
            body = _route_head(table, route) + _route_key(route)
            if route.kind is RouteKind.UNICAST:
                body += attribute(_RTA_GATEWAY, socket.inet_aton(route.gateway))
                body += number(_RTA_OIF, self.index(route.link))
            self.ask(_NEWROUTE, body, _CREATE | _REPLACE)
        wanted = {(route.network, route.prefix, route.metric) for route in routes}
        for there in self.list_routes(table):
            if (there.network, there.prefix, there.metric) not in wanted:
                self.ask(_DELROUTE, _route_head(table, there) + _route_key(there))

    def list_routes(self, table: int) -> list[KernelRoute]:
        """The routes of a table, without gateways and links."""
        answers = self.ask(_GETROUTE, struct.pack(_HEAD, socket.AF_INET, *(0,) * 8), _DUMP)
        found = []
        for answer in answers:
            _, prefix, _, _, _, _, _, kind, _ = struct.unpack_from(_HEAD, answer)
            about = attributes(answer[_HEAD_SIZE:])
            if _read_number(about, _RTA_TABLE) == table:
                route = KernelRoute(
                    network=socket.inet_ntoa(about.get(_RTA_DST, bytes(4))),
                    prefix=prefix,
                    kind=RouteKind(kind),
                    metric=_read_number(about, _RTA_PRIORITY),
                )
                found.append(route)
        return found

    def set_rules(self, wanted: set[int]) -> None:
        """Let packets with the number of a table as their mark look into it first, and no others."""
        there = self._list_rules()
        for table in sorted(wanted - there):
            self.ask(_NEWRULE, _rule_body(table), _CREATE | _EXCL)
        for table in sorted(there - wanted):
            self.ask(_DELRULE, _rule_body(table))

    def _list_rules(self) -> set[int]:
        answers = self.ask(_GETRULE, struct.pack(_HEAD, socket.AF_INET, *(0,) * 8), _DUMP)
        found = [attributes(answer[_HEAD_SIZE:]) for answer in answers]
        return {_read_number(one, _FRA_TABLE) for one in found if _read_number(one, _FRA_PRIORITY) == _PRIORITY}


def _route_head(table: int, route: KernelRoute) -> bytes:
    flags = _ONLINK if route.gateway else 0
    head = struct.pack(_HEAD, socket.AF_INET, route.prefix, 0, 0, 0, _STATIC, _UNIVERSE, route.kind, flags)
    return head + number(_RTA_TABLE, table)


def _route_key(route: KernelRoute) -> bytes:
    return attribute(_RTA_DST, socket.inet_aton(route.network)) + number(_RTA_PRIORITY, route.metric)


def _rule_body(table: int) -> bytes:
    head = struct.pack(_HEAD, socket.AF_INET, 0, 0, 0, 0, 0, 0, _TO_TABLE, 0)
    return head + number(_FRA_FWMARK, table) + number(_FRA_PRIORITY, _PRIORITY) + number(_FRA_TABLE, table)


def _read_number(about: dict[int, bytes], kind: int) -> int:
    value: int = struct.unpack("=I", about[kind])[0] if kind in about else 0
    return value
