"""The server's loop: one thread, sockets that never block, a tick twice a second, more often while it is busy.

Takes bound sockets and a layout, answers until its parent process is gone. Records and aliases are read again when
their files change; a file that cannot be read leaves what was known.
"""

from __future__ import annotations

import contextlib
import gc
import glob
import json
import os
import selectors
import socket
import time
from collections import deque
from functools import partial
from typing import Any, Deque, Dict, List, NamedTuple, Sequence, Tuple

from director.guest.dns import health_messages, health_queries, wire
from director.guest.dns.answers import Answers
from director.guest.dns.health_scripts import OwnHealth
from director.guest.dns.peers import Peers
from director.guest.dns.records import RecordSet
from director.guest.dns.recursion import PORT, Recursion, Reply
from director.guest.dns.tcp_clients import TcpClients
from director.guest.layout import Layout
from director.guest.system import files

_TICK_S = 0.1
_IDLE_TICK_S = 0.5
_READ_EVERY_S = 0.2
_NEWEST_S = 0.05
"""A question is answered with a health that is no older: an idle server looks at it only twice a second."""

_AT_ONCE = 64
_QUESTIONS_AT_ONCE = 8
"""Sent between two looks for queries: each is signed, and thousands in a row kept queries waiting for milliseconds."""

_FIRST_CHECK_S = 1.0
_MOST_WAITING = 256
_RECENT_S = 5.0
"""How long another server is sent what changes after it asked; the verb `query_health` waits for less."""

_LARGEST_FILE = 64 << 20


class Sockets(NamedTuple):
    """Bound before the process gave up root."""

    udp: socket.socket
    tcp: socket.socket
    health: socket.socket


class _Waiting(NamedTuple):
    packet: bytes
    reply: Reply
    deadline: float
    is_tcp: bool


class Server:
    """`key` signs what instances say of their health."""

    def __init__(self, layout: Layout, sockets: Sockets, key: bytes) -> None:
        self._layout = layout
        self._sockets = sockets
        self._key = key
        self._selector = selectors.DefaultSelector()
        self._peers = Peers()
        self._own = OwnHealth(layout)
        self._answers = Answers(RecordSet({}, {}), self._peers)
        self._recursion = Recursion(self._selector)
        self._tcp = TcpClients(sockets.tcp, self._selector, self._take_tcp)
        self._own_addresses: "frozenset[str]" = frozenset()
        self._seen: Tuple[Any, ...] = ()
        self._jobs_seen: Tuple[Any, ...] = ()
        self._aliases: List[str] = []
        self._read_at = self._looked_at = 0.0
        self._waiting: List[_Waiting] = []
        self._askers: Dict[Any, "tuple[bytes, float]"] = {}
        self._questions: Deque[str] = deque()
        self._health_port = sockets.health.getsockname()[1]

    def serve(self, parent: int) -> None:
        """Answer until `parent` is no longer the parent process."""
        self._selector.register(self._sockets.udp, selectors.EVENT_READ, self._read_udp)
        self._selector.register(self._sockets.health, selectors.EVENT_READ, self._read_health)
        self.tick(time.monotonic())
        gc.freeze()
        next_tick = time.monotonic() + _TICK_S
        while os.getppid() == parent:
            pause_s = 0.0 if self._questions else max(0.0, next_tick - time.monotonic())
            for key, _ in self._selector.select(pause_s):
                key.data()
            self._ask_some()
            if self._is_busy():
                next_tick = min(next_tick, time.monotonic() + _TICK_S)
            if time.monotonic() >= next_tick:
                self.tick(time.monotonic())
                next_tick = time.monotonic() + (_TICK_S if self._is_busy() else _IDLE_TICK_S)

    def _is_busy(self) -> bool:
        """Whether somebody waits for what a tick does; the rest of the time a VM has other work."""
        return bool(self._waiting or self._askers or self._peers.is_tracking or self._recursion.is_asking)

    def tick(self, now: float) -> None:
        """Everything that is not an answer to somebody."""
        if now - self._read_at >= _READ_EVERY_S:
            self._read_at = now
            self._read_files()
        self._look_at_own(now)
        self._questions.extend(self._peers.due(now))
        self._recursion.expire(now)
        self._tcp.expire(now)
        self._answer_waiting(now)

    def _ask_some(self) -> None:
        for _ in range(min(_QUESTIONS_AT_ONCE, len(self._questions))):
            address = self._questions.popleft()
            nonce = self._peers.question_to(address)
            if nonce:
                question = health_messages.write_question(self._key, nonce)
                self._send_health((address, health_messages.PORT), question)

    def _read_udp(self) -> None:
        receive = self._sockets.udp.recvfrom
        for _ in range(_AT_ONCE):
            try:
                packet, client = receive(wire.LARGEST_UDP)
            except OSError:  # no more, or a client that is gone
                return
            self._take(packet, partial(self._reply_udp, client), is_tcp=False)

    def _reply_udp(self, client: Any, answer: bytes) -> None:
        if answer:
            with contextlib.suppress(OSError):
                self._sockets.udp.sendto(answer, client)

    def _take_tcp(self, packet: bytes, reply: Reply) -> None:
        self._take(packet, reply, is_tcp=True)

    def _take(self, packet: bytes, reply: Reply, *, is_tcp: bool) -> None:
        now = time.monotonic()
        decision = self._answers.answer(packet, now, is_tcp=is_tcp)
        if decision.answer is not None:
            reply(decision.answer)
        elif decision.waits_for and len(self._waiting) < _MOST_WAITING:
            self._waiting.append(_Waiting(packet, reply, now + _FIRST_CHECK_S, is_tcp))
        elif decision.waits_for:
            self._answer_late(packet, reply, now, is_tcp=is_tcp)
        elif decision.question is not None:
            self._recursion.ask(packet, decision.question, reply, now=now, is_tcp=is_tcp)

    def _answer_waiting(self, now: float) -> None:
        """Those whose instances have all been heard, and those that waited for too long."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            decision = self._answers.answer(one.packet, now, is_tcp=one.is_tcp)
            if decision.answer is not None:
                one.reply(decision.answer)
            elif one.deadline <= now:
                self._answer_late(one.packet, one.reply, now, is_tcp=one.is_tcp)
            else:
                self._waiting.append(one)

    def _answer_late(self, packet: bytes, reply: Reply, now: float, *, is_tcp: bool) -> None:
        reply(self._answers.answer(packet, now, is_tcp=is_tcp, is_late=True).answer or b"")

    def _read_health(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                packet, peer = self._sockets.health.recvfrom(health_messages.LARGEST)
            except OSError:
                return
            nonce = health_messages.read_question(self._key, packet)
            if nonce is not None:
                if time.monotonic() - self._looked_at >= _NEWEST_S:
                    self._look_at_own(time.monotonic())
                kept_s = _RECENT_S if peer[1] == self._health_port else health_queries.LIMIT_S
                self._askers[peer] = (nonce, time.monotonic() + kept_s)
                self._send_health(peer, health_messages.write_answer(self._key, nonce, self._peers.own_health))
            elif (answer := health_messages.read_answer(self._key, packet)) is not None:
                self._peers.take(*answer)
                if self._waiting:
                    self._answer_waiting(time.monotonic())

    def _look_at_own(self, now: float) -> None:
        """A change is sent at once to all that asked of late: they need not ask again to know."""
        self._looked_at = now
        before = self._peers.own_health
        health = self._own.look(now)
        self._peers.set_own(self._own_addresses, health)
        self._askers = {peer: asked for peer, asked in self._askers.items() if now < asked[1]}
        if health == before:
            return
        for peer, (nonce, _) in self._askers.items():
            self._send_health(peer, health_messages.write_answer(self._key, nonce, health))

    def _send_health(self, address: Any, packet: bytes) -> None:
        host, port = address[0], address[1]
        if self._sockets.health.family == socket.AF_INET6 and ":" not in host:
            host = "::ffff:" + host
        with contextlib.suppress(OSError):
            self._sockets.health.sendto(packet, (host, port))

    def _read_files(self) -> None:
        records_file = self._layout.path("instance", "dns", "records.json")
        resolvers_file = self._layout.path("instance", "dns", "resolvers.json")
        aliases = self._alias_files()
        own_file = self._layout.path("instance", "id")
        seen = tuple((path, files.stamp_of(path)) for path in (records_file, resolvers_file, own_file, *aliases))
        if seen == self._seen:
            return
        self._seen = seen
        document = _read(records_file)
        if document is not None:
            self._answers = Answers(RecordSet(document, _read_aliases(aliases)), self._peers)
            self._peers.changes += 1
            own = self._answers.records.rows_of(_text(self._layout.path("instance", "id")))
            self._own_addresses = frozenset(row.ip for row in own)
        listed = (_read(resolvers_file) or {}).get("resolvers", [])
        self._recursion.resolvers = [_resolver(address) for address in listed if isinstance(address, str)]

    def _alias_files(self) -> List[str]:
        """Those of all jobs, looked for where a job has come or gone, and once a second."""
        seen = (files.stamp_of(self._layout.jobs), int(self._read_at))
        if seen != self._jobs_seen:
            self._jobs_seen = seen
            self._aliases = sorted(glob.glob(self._layout.path("jobs", "*", "dns", "aliases.json")))
        return self._aliases


def _resolver(text: str) -> "tuple[str, int]":
    """An address, or an IPv4 address with a port."""
    host, _, port = text.partition(":")
    return (host, int(port)) if text.count(":") == 1 and port.isdigit() else (text, PORT)


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read(200).strip().lower()
    except (OSError, UnicodeDecodeError):
        return ""


def _read_aliases(paths: Sequence[str]) -> Dict[str, List[str]]:
    """All files' aliases; the first file that has one wins."""
    found: Dict[str, List[str]] = {}
    for path in paths:
        for name, targets in (_read(path) or {}).items():
            if isinstance(targets, list) and all(isinstance(target, str) for target in targets):
                found.setdefault(name, targets)
    return found


def _read(path: str) -> "Dict[str, Any] | None":
    """The object in the file, None where there is none."""
    try:
        with open(path, "rb") as stream:
            value = json.loads(stream.read(_LARGEST_FILE))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
