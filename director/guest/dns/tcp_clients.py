"""Clients that ask over TCP: a length, a question, and back.

Takes a listening socket, gives packets to a function that answers; slow, long or too many clients are let go.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
from typing import Callable, Dict

MOST_CLIENTS = 128
IDLE_S = 5.0
_LARGEST_QUESTION = 4096
_LARGEST_UNSENT = 1 << 20

Take = Callable[[bytes, Callable[[bytes], None]], None]
"""Given a packet and where its answer goes."""


class TcpClients:
    def __init__(self, listener: socket.socket, selector: selectors.BaseSelector, take: Take) -> None:
        self._listener = listener
        self._selector = selector
        self._take = take
        self._clients: Dict[int, _Client] = {}
        self._now = 0.0
        selector.register(listener, selectors.EVENT_READ, self._accept)

    def expire(self, now: float) -> None:
        """Let go of clients that say nothing."""
        self._now = now
        for client in [one for one in self._clients.values() if one.deadline <= now]:
            self._drop(client)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        if len(self._clients) >= MOST_CLIENTS:
            connection.close()
            return
        connection.setblocking(False)
        client = _Client(connection, self._now + IDLE_S)
        self._clients[connection.fileno()] = client
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._ready(client))

    def _ready(self, client: "_Client") -> None:
        try:
            if client.unsent:
                client.unsent = client.unsent[client.connection.send(client.unsent) :]
            with contextlib.suppress(BlockingIOError):
                self._receive(client)
        except BlockingIOError:
            return
        except OSError:
            self._drop(client)
            return
        self._watch(client)

    def _receive(self, client: "_Client") -> None:
        data = client.connection.recv(65536)
        if not data:
            raise ConnectionError("closed")
        client.received += data
        client.deadline = self._now + IDLE_S
        while len(client.received) >= 2:
            length = struct.unpack_from("!H", client.received)[0]
            if length > _LARGEST_QUESTION:
                raise ConnectionError("too long")
            if len(client.received) < 2 + length:
                return
            packet, client.received = client.received[2 : 2 + length], client.received[2 + length :]
            self._take(packet, lambda answer: self._answer(client, answer))

    def _answer(self, client: "_Client", answer: bytes) -> None:
        if client.is_gone or not answer:
            return
        client.unsent += struct.pack("!H", len(answer)) + answer
        if len(client.unsent) > _LARGEST_UNSENT:
            self._drop(client)
            return
        try:
            client.unsent = client.unsent[client.connection.send(client.unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(client)
            return
        self._watch(client)

    def _watch(self, client: "_Client") -> None:
        if client.is_gone:
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.unsent else 0)
        self._selector.modify(client.connection, events, lambda: self._ready(client))

    def _drop(self, client: "_Client") -> None:
        if client.is_gone:
            return
        client.is_gone = True
        del self._clients[client.connection.fileno()]
        self._selector.unregister(client.connection)
        client.connection.close()


class _Client:
    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self.connection = connection
        self.deadline = deadline
        self.received = b""
        self.unsent = b""
        self.is_gone = False
