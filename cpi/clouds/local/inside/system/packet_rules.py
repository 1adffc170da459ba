"""Rules that the cloud's router applies to packets of IPv4, by nf_tables: one table, replaced as a whole.

Takes chains, gives nothing; raises OSError. What a rule consists of are the functions that give bytes.
"""

import ipaddress
import os
import socket
import struct
from dataclasses import dataclass
from enum import IntEnum

from cpi.clouds.local.inside.system.netlink_messages import attribute, messages, text

_NETLINK_NETFILTER = 12
_TABLE = "compleat"
_NEWTABLE, _DELTABLE, _NEWCHAIN, _NEWRULE = 0xA00, 0xA02, 0xA03, 0xA06
_BATCH_BEGIN, _BATCH_END = 0x10, 0x11
_REQUEST, _ACK, _CREATE, _APPEND = 1, 4, 0x400, 0x800
_ERROR = 2
_SUBSYSTEM = 10
_IPV4 = 2
_NESTED = 0x8000
_DECISION, _REGISTER = 0, 1
_MARK, _LINK_NAME = 3, 6
_LINK_NAME_SIZE = 16
_NETWORK_HEADER, _SOURCE, _TARGET = 1, 12, 16
_ACCEPT = 1
_SEND_BYTES = 1 << 22


class Hook(IntEnum):
    """Where packets meet a chain."""

    PREROUTING = 0
    INPUT = 1
    POSTROUTING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketChain:
    """`kind` is filter or nat; each rule is its parts, joined. Lower priorities come first."""

    name: str
    kind: str
    hook: Hook
    priority: int
    rules: tuple[bytes, ...]


def replace_chains(chains: tuple[PacketChain, ...]) -> None:
    """Let the router apply these chains and no others, all at once."""
    table = text(1, _TABLE)
    batch = [(_NEWTABLE, table, _CREATE), (_DELTABLE, table, 0)]
    if chains:
        batch.append((_NEWTABLE, table, _CREATE))
    for chain in chains:
        hook = _nested(4, _number(1, chain.hook) + attribute(2, struct.pack("!i", chain.priority)))
        body = table + text(3, chain.name) + hook + text(7, chain.kind)
        batch.append((_NEWCHAIN, body, _CREATE))
        for rule in chain.rules:
            batch.append((_NEWRULE, table + text(2, chain.name) + _nested(4, rule), _CREATE | _APPEND))
    _send(batch)


def from_link(name: str) -> bytes:
    """What comes in by a link."""
    load = _expression("meta", _number(1, _REGISTER) + _number(2, _LINK_NAME))
    return load + _equals(name.encode().ljust(_LINK_NAME_SIZE, b"\0"))


def from_range(cidr: str) -> bytes:
    """What comes from addresses of a range."""
    return _in_range(cidr, _SOURCE)


def to_range(cidr: str) -> bytes:
    """What goes to addresses of a range."""
    return _in_range(cidr, _TARGET)


def set_mark(mark: int) -> bytes:
    """Mark a packet, for rules of routing."""
    return _load(struct.pack("=I", mark)) + _expression("meta", _number(2, _MARK) + _number(3, _REGISTER))


def accept() -> bytes:
    """Let no later rule of the chain see it."""
    decision = _nested(2, _nested(2, _number(1, _ACCEPT)))
    return _expression("immediate", _number(1, _DECISION) + decision)


def set_source(address: str) -> bytes:
    """Let it leave from another address, and its answers come back."""
    return _load(socket.inet_aton(address)) + _expression("nat", _number(1, 0) + _number(2, _IPV4) + _number(3, 1))


def _in_range(cidr: str, offset: int) -> bytes:
    network = ipaddress.IPv4Network(cidr)
    place = _number(1, _REGISTER) + _number(2, _NETWORK_HEADER) + _number(3, offset) + _number(4, 4)
    mask = _nested(4, attribute(1, network.netmask.packed)) + _nested(5, attribute(1, bytes(4)))
    masked = _expression("bitwise", _number(1, _REGISTER) + _number(2, _REGISTER) + _number(3, 4) + mask)
    return _expression("payload", place) + masked + _equals(network.network_address.packed)


def _equals(value: bytes) -> bytes:
    return _expression("cmp", _number(1, _REGISTER) + _number(2, 0) + _nested(3, attribute(1, value)))


def _load(value: bytes) -> bytes:
    return _expression("immediate", _number(1, _REGISTER) + _nested(2, attribute(1, value)))


def _expression(name: str, about: bytes) -> bytes:
    return _nested(1, text(1, name) + _nested(2, about))


def _nested(kind: int, data: bytes) -> bytes:
    return attribute(kind | _NESTED, data)


def _number(kind: int, value: int) -> bytes:
    return attribute(kind, struct.pack("!I", value))


def _send(batch: list[tuple[int, bytes, int]]) -> None:
    edge = struct.pack("!BBH", 0, 0, _SUBSYSTEM)
    head = struct.pack("!BBH", _IPV4, 0, 0)
    parts = [_message(_BATCH_BEGIN, edge, _REQUEST, number=0)]
    for number, (kind, body, flags) in enumerate(batch, 1):
        parts.append(_message(kind, head + body, flags | _REQUEST | _ACK, number=number))
    parts.append(_message(_BATCH_END, edge, _REQUEST, number=len(batch) + 1))
    kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC
    with socket.socket(socket.AF_NETLINK, kind, _NETLINK_NETFILTER) as router:
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            router.setsockopt(socket.SOL_SOCKET, option, _SEND_BYTES)
        router.bind((0, 0))
        router.send(b"".join(parts))
        waiting = len(batch)
        while waiting:
            answers = [payload for answer, payload in messages(router.recv(65536)) if answer == _ERROR]
            waiting -= len(answers)
            for payload in answers:
                _require_done(payload)


def _require_done(payload: bytes) -> None:
    failed = -struct.unpack_from("=i", payload)[0]
    if failed:
        raise OSError(failed, os.strerror(failed), "packet rules")


def _message(kind: int, body: bytes, flags: int, *, number: int) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, flags, number, 0) + body
