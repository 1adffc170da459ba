"""Questions that are not ours, passed on to the resolvers that the VM had before.

Takes packets and where their answers go, gives each answer; a resolver that is silent or fails is followed by the
next. A question leaves from a socket of its own with a number of its own, so that neither can be guessed.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import struct
from functools import partial
from typing import Callable, List, Optional, Set

from director.guest.dns import wire
from director.guest.dns.wire import Question

TIMEOUT_S = 2.0
MOST_OPEN = 512
PORT = 53

Reply = Callable[[bytes], None]


class Recursion:
    """Every question that waits for a resolver. `resolvers` may change; those under way keep their own."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self.resolvers: List["tuple[str, int]"] = []
        self._selector = selector
        self._open: Set["_Passed"] = set()

    @property
    def is_asking(self) -> bool:
        return bool(self._open)

    def ask(self, packet: bytes, question: Question, reply: Reply, *, now: float, is_tcp: bool) -> None:
        """Find the answer; too many at once, or no resolver, is a failure of the server."""
        if len(self._open) >= MOST_OPEN or not self.resolvers:
            reply(wire.write_answer(packet, question, wire.SERVER_FAILURE, limit=wire.SMALLEST))
            return
        passed = _Passed(packet, question, reply, resolvers=list(self.resolvers), is_tcp=is_tcp)
        self._open.add(passed)
        self._next(passed, now)

    def expire(self, now: float) -> None:
        """Turn to the next resolver where one was silent for too long."""
        for passed in [one for one in self._open if one.deadline <= now]:
            self._leave(passed)
            self._next(passed, now)

    def _next(self, passed: "_Passed", now: float) -> None:
        while passed.resolvers:
            passed.deadline = now + TIMEOUT_S
            address = passed.resolvers.pop(0)
            with contextlib.suppress(OSError):
                opened = passed.open(address)
                events = selectors.EVENT_WRITE if passed.is_tcp else selectors.EVENT_READ
                self._selector.register(opened, events, partial(self._ready, passed, opened))
                return
            passed.close()
        self._open.discard(passed)
        passed.reply(passed.last_word())

    def _leave(self, passed: "_Passed") -> None:
        if passed.socket is not None:
            self._selector.unregister(passed.socket)
        passed.close()

    def _ready(self, passed: "_Passed", opened: socket.socket) -> None:
        try:
            if passed.unsent:
                passed.send(opened)
                if not passed.unsent:
                    self._selector.modify(opened, selectors.EVENT_READ, partial(self._ready, passed, opened))
                return
            answer = passed.receive(opened)
        except BlockingIOError:
            return
        except OSError:
            passed.deadline = 0.0  # the next look finds it late
            return
        if not answer or not wire.is_answer_to(answer, passed.asked):
            return
        if wire.code_of(answer) != wire.NO_ERROR:
            passed.failure = answer
            if passed.resolvers:
                passed.deadline = 0.0
                return
        self._leave(passed)
        self._open.discard(passed)
        passed.reply(passed.as_asked(answer))


class _Passed:
    def __init__(
        self, packet: bytes, question: Question, reply: Reply, *, resolvers: List["tuple[str, int]"], is_tcp: bool
    ) -> None:
        self.packet = packet
        self.asked = packet
        self.question = question
        self.reply = reply
        self.resolvers = resolvers
        self.is_tcp = is_tcp
        self.deadline = 0.0
        self.failure = b""
        self.unsent = b""
        self.socket: Optional[socket.socket] = None
        self._received = b""

    def open(self, address: "tuple[str, int]") -> socket.socket:
        """Begin to ask that resolver. Raises OSError."""
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = opened = socket.socket(family, socket.SOCK_STREAM if self.is_tcp else socket.SOCK_DGRAM)
        opened.setblocking(False)
        self.asked = os.urandom(2) + self.packet[2:]
        self._received = b""
        if not self.is_tcp:
            opened.connect(address)
            opened.send(self.asked)
            return opened
        self.unsent = struct.pack("!H", len(self.asked)) + self.asked
        with contextlib.suppress(BlockingIOError):
            opened.connect(address)
        return opened

    def send(self, opened: socket.socket) -> None:
        self.unsent = self.unsent[opened.send(self.unsent) :]

    def receive(self, opened: socket.socket) -> bytes:
        """A whole answer, empty while there is none. Raises OSError once there will be none."""
        data = opened.recv(65535)
        if not self.is_tcp:
            return data
        if not data:
            raise ConnectionError("closed")
        self._received += data
        length = 2 + struct.unpack("!H", self._received[:2])[0] if len(self._received) > 1 else 65537
        return self._received[2:length] if len(self._received) >= length else b""

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def last_word(self) -> bytes:
        """What a resolver refused, where one spoke; else a failure of the server."""
        if self.failure:
            return self.as_asked(self.failure)
        return wire.write_answer(self.packet, self.question, wire.SERVER_FAILURE, limit=wire.SMALLEST)

    def as_asked(self, answer: bytes) -> bytes:
        limit = wire.LARGEST_TCP if self.is_tcp else self.question.size
        return wire.cut(self.packet[:2] + answer[2:], self.question, limit)
