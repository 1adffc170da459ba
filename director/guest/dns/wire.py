"""DNS messages as bytes: one question in, one answer out.

Takes packets of anyone, gives questions and answers; what is no query with one question is refused, whatever it holds.
Source: RFC 1035 (4. Messages), RFC 6891 (EDNS), RFC 3596 (AAAA).
"""

from __future__ import annotations

import socket
import struct
from typing import List, NamedTuple, Optional, Sequence

NO_ERROR, FORM_ERROR, SERVER_FAILURE, NO_NAME, NOT_IMPLEMENTED, REFUSED = range(6)
TYPE_A, TYPE_PTR, TYPE_AAAA, TYPE_OPT, TYPE_ANY = 1, 12, 28, 41, 255

LARGEST_UDP = 4096
"""What we send in one UDP packet at most, whatever a client says it takes."""

SMALLEST = 512
LARGEST_TCP = 65535

_HEADER = struct.Struct("!6H")
_IS_ANSWER, _OPCODE, _IS_AUTHORITATIVE, _IS_CUT, _WANTS_RECURSION, _HAS_RECURSION = (
    0x8000,
    0x7800,
    0x0400,
    0x0200,
    0x0100,
    0x80,
)
_POINTER = 0xC0
_OWN_OPT = b"\0" + struct.pack("!HHIH", TYPE_OPT, LARGEST_UDP, 0, 0)
_NO_TTL = struct.pack("!I", 0)  # TTL 0: health changes, so no client keeps an answer


class BadMessage(Exception):
    """A packet that is no question; `code` is the answer's, None for what is not answered at all."""

    def __init__(self, code: Optional[int]) -> None:
        super().__init__("bad DNS message")
        self.code = code


class Question(NamedTuple):
    """`name` is in lower case without the last dot; `end` is where the question ends in the packet.

    `size` is the largest answer that the client takes over UDP; `has_edns` says that it named one.
    """

    name: str
    type: int
    end: int
    size: int
    has_edns: bool


def read_question(packet: bytes) -> Question:
    """The packet's question. Raises BadMessage."""
    if len(packet) < _HEADER.size:
        raise BadMessage(None)
    _, flags, questions, answers, authorities, additional = _HEADER.unpack_from(packet)
    if flags & _IS_ANSWER:
        raise BadMessage(None)  # answering an answer may never end
    if flags & _OPCODE:
        raise BadMessage(NOT_IMPLEMENTED)
    if questions != 1 or answers or authorities or additional > 8:
        raise BadMessage(FORM_ERROR)
    name, at = _read_name(packet, _HEADER.size)
    if at + 4 > len(packet):
        raise BadMessage(FORM_ERROR)
    kind, group = struct.unpack_from("!HH", packet, at)
    if group not in (1, TYPE_ANY):
        raise BadMessage(REFUSED)
    size = _edns_size(packet, at + 4, additional)
    udp_size = SMALLEST if size is None else min(max(size, SMALLEST), LARGEST_UDP)
    return Question(name, kind, at + 4, udp_size, size is not None)


def address_records(addresses: Sequence[str], kind: int) -> List[bytes]:
    """The records that answer a question of that type; each names the question's own name."""
    records = []
    for address in addresses:
        own, family = (TYPE_AAAA, socket.AF_INET6) if ":" in address else (TYPE_A, socket.AF_INET)
        if kind in (own, TYPE_ANY):
            try:
                records.append(_record(own, socket.inet_pton(family, address)))
            except OSError:
                continue  # a record that holds no address answers nothing
    return records


def name_records(names: Sequence[str]) -> List[bytes]:
    """PTR records; names that no packet can hold are left out."""
    return [_record(TYPE_PTR, written) for written in map(write_name, names) if written]


def write_name(name: str) -> bytes:
    """A name as labels; empty for one that no packet can hold."""
    try:
        labels = [label.encode("ascii") for label in name.rstrip(".").split(".")]
    except UnicodeEncodeError:
        return b""
    if any(not 0 < len(label) < 64 for label in labels):
        return b""
    written = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return written if len(written) < 256 else b""


def write_answer(packet: bytes, question: Question, code: int, *, records: Sequence[bytes] = (), limit: int) -> bytes:
    """The answer to `packet`, cut to `limit` bytes and marked so where records do not fit."""
    end = _OWN_OPT if question.has_edns else b""
    room = limit - question.end - len(end)
    kept: List[bytes] = []
    for record in records:
        room -= len(record)
        if room < 0:
            break
        kept.append(record)
    flags = _answer_flags(packet, code) | _IS_AUTHORITATIVE | (_IS_CUT if len(kept) < len(records) else 0)
    head = packet[:2] + struct.pack("!5H", flags, 1, len(kept), 0, 1 if end else 0)
    return b"".join((head, packet[_HEADER.size : question.end], *kept, end))


def write_failure(packet: bytes, code: int) -> bytes:
    """An answer with a code alone, for a packet whose question cannot be repeated."""
    return packet[:2] + struct.pack("!5H", _answer_flags(packet, code), 0, 0, 0, 0)


def is_answer_to(packet: bytes, asked: bytes) -> bool:
    """Whether a resolver's packet answers exactly what it was asked: identity, name and type."""
    if len(packet) < _HEADER.size or packet[:2] != asked[:2] or not packet[2] & 0x80:
        return False
    try:
        name, at = _read_name(packet, _HEADER.size)
        wanted = read_question(asked)
    except BadMessage:
        return False
    return name == wanted.name and packet[at : at + 4] == asked[wanted.end - 4 : wanted.end]


def code_of(packet: bytes) -> int:
    """The code of an answer."""
    return int(packet[3] & 0x0F)


def cut(packet: bytes, question: Question, limit: int) -> bytes:
    """A resolver's answer for a client that takes `limit` bytes: whole, or its header marked as cut."""
    if len(packet) <= limit:
        return packet
    flags: int = struct.unpack_from("!H", packet, 2)[0] | _IS_CUT
    return packet[:2] + struct.pack("!5H", flags, 1, 0, 0, 0) + packet[_HEADER.size : question.end]


def _answer_flags(packet: bytes, code: int) -> int:
    asked: int = struct.unpack_from("!H", packet, 2)[0]
    return _IS_ANSWER | (asked & (_OPCODE | _WANTS_RECURSION)) | _HAS_RECURSION | code


def _record(kind: int, content: bytes) -> bytes:
    return b"\xc0\x0c" + struct.pack("!HH", kind, 1) + _NO_TTL + struct.pack("!H", len(content)) + content


def _read_name(packet: bytes, at: int) -> "tuple[str, int]":
    """The name at `at` and where it ends. A question is the first name, so nothing before it can be pointed at."""
    labels: List[str] = []
    begin = at
    while True:
        if at >= len(packet) or at - begin > 255:
            raise BadMessage(FORM_ERROR)
        length = packet[at]
        if length & _POINTER:
            raise BadMessage(FORM_ERROR)
        at += 1
        if not length:
            return ".".join(labels), at
        label = packet[at : at + length]
        if len(label) < length or b"." in label:
            raise BadMessage(FORM_ERROR)
        labels.append(label.decode("latin-1").lower())
        at += length


def _edns_size(packet: bytes, at: int, number: int) -> Optional[int]:
    """What the client's OPT record says, None without one. Records before it are passed over."""
    for _ in range(number):
        if at >= len(packet):
            raise BadMessage(FORM_ERROR)
        is_root = packet[at] == 0
        at = _skip_name(packet, at)
        if at + 10 > len(packet):
            raise BadMessage(FORM_ERROR)
        kind, size, _, length = struct.unpack_from("!HHIH", packet, at)
        if kind == TYPE_OPT and is_root:
            return int(size)
        at += 10 + length
    return None


def _skip_name(packet: bytes, at: int) -> int:
    while at < len(packet):
        length = packet[at]
        if length & _POINTER:
            return at + 2
        at += 1 + length
        if not length:
            return at
    raise BadMessage(FORM_ERROR)
