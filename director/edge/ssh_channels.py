"""One kept-open channel to a guest: JSON lines out and in, many calls at the same time.

Takes a paramiko channel, gives replies to whoever asked. A thread of its own reads; it ends when the channel does.
"""

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import paramiko

from cpi.errors import Retry
from cpi.values import JsonValue
from director.edge import ssh_closing
from director.errors import ActionFailedError, AgentError

_READ = 1 << 16
_LOOK_S = 10.0
_DEAD_AFTER_S = 30.0
_LONGEST_GREETING = 1 << 20

Reply = Mapping[str, Any]


class ChannelClosedError(Exception):
    """The channel was closed before the request was written: nothing happened."""


class LineReader:
    """Lines from a channel, read while nobody else does."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel
        self._rest = b""

    def read_line(self) -> bytes:
        """The next line without its end; b"" when the channel is closed or silent for too long."""
        while b"\n" not in self._rest and len(self._rest) < _LONGEST_GREETING:
            try:
                chunk = self._channel.recv(_READ)
            except OSError:
                return b""
            if not chunk:
                return b""
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def take_rest(self) -> bytes:
        """What was read beyond the last line."""
        rest, self._rest = self._rest, b""
        return rest


@contextmanager
def answering_within(channel: paramiko.Channel, timeout_s: float) -> Iterator[None]:
    """Close the channel if what is asked within takes longer: paramiko itself waits for an answer without end.

    A VM that dies right then sends no answer and no end; the wait ends with SSHException.
    """
    timer = threading.Timer(timeout_s, ssh_closing.close_quietly, [channel])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class GuestChannel:
    """Begins to read when it is made. Safe to call from many threads."""

    def __init__(self, channel: paramiko.Channel, rest: bytes, *, name: str) -> None:
        self._channel = channel
        self._rest = rest
        self._name = name
        self._lock = threading.Lock()
        self._waiting: dict[str, queue.SimpleQueue[Reply | None]] = {}
        self._count = 0
        self._is_closed = False
        self._heard_at = time.monotonic()
        channel.settimeout(_DEAD_AFTER_S)
        self._reader = threading.Thread(target=self._read, name=f"guest of {name}", daemon=True)
        self._reader.start()

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    @property
    def silent_s(self) -> float:
        """How long nothing was heard."""
        return time.monotonic() - self._heard_at

    def close(self) -> None:
        ssh_closing.close_quietly(self._channel)
        if self._reader is not threading.current_thread():
            self._reader.join(1.0)

    def call(self, verb: str, arguments: Mapping[str, JsonValue], *, watch: Callable[[str], None]) -> JsonValue:
        """Ask and wait for the answer; if the caller is interrupted, the guest is told to end the verb.

        Raises ChannelClosedError, ActionFailedError, and AgentError with retry UNKNOWN, code `agent-lost`.
        """
        identity, replies = self._send(verb, arguments)
        is_answered = False
        try:
            while "progress" in (reply := self._next(replies, verb)):
                watch(str(reply["progress"]))
            is_answered = True
        finally:
            with self._lock:
                self._waiting.pop(identity, None)
            if not is_answered:
                self._cancel(identity)
        if "error" in reply:
            raise _failure(reply["error"], name=self._name)
        value: JsonValue = reply.get("value")
        return value

    def is_alive(self, timeout_s: float) -> bool:
        """Whether the guest answers within that time."""
        try:
            identity, replies = self._send("ping", {})
        except ChannelClosedError:
            return False
        try:
            return replies.get(timeout=timeout_s) is not None
        except queue.Empty:
            return False
        finally:
            with self._lock:
                self._waiting.pop(identity, None)

    def _send(self, verb: str, arguments: Mapping[str, JsonValue]) -> tuple[str, "queue.SimpleQueue[Reply | None]"]:
        replies: queue.SimpleQueue[Reply | None] = queue.SimpleQueue()
        with self._lock:
            if self._is_closed:
                raise ChannelClosedError(self._name)
            self._count += 1
            identity = str(self._count)
            self._waiting[identity] = replies
            try:
                self._write({"id": identity, "verb": verb, "arguments": arguments})
            except OSError as error:
                # A request without its line end is never begun, so this one may be sent again on another channel.
                del self._waiting[identity]
                ssh_closing.close_quietly(self._channel)
                self._is_closed = True
                raise ChannelClosedError(self._name) from error
        return identity, replies

    def _write(self, request: Mapping[str, object]) -> None:
        self._channel.sendall(json.dumps(request, separators=(",", ":")).encode() + b"\n")

    def _cancel(self, identity: str) -> None:
        try:
            with self._lock:
                self._write({"cancel": identity})
        except OSError:
            return

    def _next(self, replies: "queue.SimpleQueue[Reply | None]", verb: str) -> Reply:
        """The next reply. A guest that is silent is asked for a sign of life; one that gives none is lost."""
        while True:
            try:
                reply = replies.get(timeout=_LOOK_S)
            except queue.Empty:
                if self.silent_s > _DEAD_AFTER_S:
                    self.close()
                self._ask_for_life()
                continue
            if reply is None:
                raise _lost(self._name, verb)
            return reply

    def _ask_for_life(self) -> None:
        try:
            with self._lock:
                if not self._is_closed:
                    self._write({"id": "life", "verb": "ping"})
        except OSError:
            return  # the reader sees the end too, and tells everyone who waits

    def _read(self) -> None:
        rest = self._rest
        while True:
            lines = rest.split(b"\n")
            rest = lines.pop()
            for line in lines:
                self._hand_out(line)
            try:
                chunk = self._channel.recv(_READ)
            except TimeoutError:
                continue
            except OSError:
                break
            if not chunk:
                break
            self._heard_at = time.monotonic()
            rest += chunk
        self._end()

    def _hand_out(self, line: bytes) -> None:
        reply = json.loads(line)
        with self._lock:
            replies = self._waiting.get(str(reply.get("id")))
        if replies is not None:
            replies.put(reply)

    def _end(self) -> None:
        with self._lock:
            self._is_closed = True
            waiting = list(self._waiting.values())
        for replies in waiting:
            replies.put(None)
        ssh_closing.close_quietly(self._channel)


def _failure(error: Mapping[str, str], *, name: str) -> ActionFailedError:
    return ActionFailedError(
        error.get("code", "guest-bug"),
        f"{name}: {error.get('what', '')}",
        why=error.get("why", ""),
        fix=error.get("fix", ""),
        output=error.get("output", ""),
    )


def _lost(name: str, verb: str) -> AgentError:
    lost = AgentError(
        "agent-lost",
        f"The connection to {name} broke while it did '{verb}'.",
        why="The request was sent and no answer came: it may have been done.",
        fix="Run the command again; it looks first.",
    )
    lost.retry = Retry.UNKNOWN
    return lost
