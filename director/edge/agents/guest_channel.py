"""One kept-open channel to a guest: JSON lines out and in, many calls at the same time.

Takes a stream, gives each reply to its caller. A thread of its own reads; it ends when the channel does, or when the
data is not a guest's: then every waiting call raises.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Protocol

import paramiko

from cpi.contract.errors import Retry
from cpi.contract.values import JsonValue
from director.edge.agents import guest_replies, ssh_closing
from director.edge.agents.guest_waiting import Waiting
from director.edge.machine import threads
from director.errors import AgentError
from director.model.plain_text import plain_line

_READ = 1 << 16
_OBSERVE_LIMIT_S = 10.0
_DEAD_AFTER_S = 30.0
_LONGEST_PROGRESS = 1 << 16

QUESTIONS = frozenset({"ping", "get_state", "last_words"})
"""Verbs that only look: they take moments, and may be asked again."""
_WHOLE = "tail_logs"
_LONG = "run_errand"


class ChannelClosedError(Exception):
    """The channel was closed before the request was written: nothing happened."""


class ChannelStream(Protocol):
    """What a paramiko channel is here. `recv` raises TimeoutError when its time is up, OSError at a broken end.

    `sendall` raises OSError, EOFError or SSHException there.
    """

    def recv(self, nbytes: int, /) -> bytes: ...
    def sendall(self, s: bytes, /) -> object: ...
    def settimeout(self, timeout: float | None, /) -> None: ...
    def close(self) -> None: ...


class GuestChannel:
    """Begins to read when it is made. Safe to call from many threads. A question has `question_s` to be answered."""

    def __init__(self, channel: ChannelStream, rest: bytes, *, name: str, question_s: float = 60.0) -> None:
        self._channel = channel
        self._question_s = question_s
        self._rest = rest
        self._name = name
        self._lock = threading.Lock()
        self._waiting: dict[str, Waiting] = {}
        self._count = 0
        self._is_closed = False
        self._heard_at = time.monotonic()
        channel.settimeout(_DEAD_AFTER_S)
        self._reader = threads.start_thread(self._read, name=f"guest of {name}", on_broken=self._end)

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
        """Send a request and wait for the answer; if the caller is interrupted, cancel the verb on the guest.

        Raises ChannelClosedError, ActionFailedError, AgentError with retry UNKNOWN, code `agent-lost`, and AgentError
        with code `agent-answer-broken`.
        """
        identity, waiting = self._send(verb, arguments)
        try:
            self._wait(waiting, verb, watch=watch)
        finally:
            self._forget(identity, waiting)
            if waiting.end is None:
                self._cancel(identity)
        if waiting.end is None:
            raise waiting.broken or _lost(self._name, verb)
        error, value = waiting.end
        if error is not None:
            raise guest_replies.failure(error, name=self._name)
        return value

    def is_alive(self, timeout_s: float) -> bool:
        """Whether the guest answers within that time."""
        try:
            identity, waiting = self._send("ping", {})
        except ChannelClosedError:
            return False
        until = time.monotonic() + timeout_s
        while not waiting.is_over and time.monotonic() < until:
            waiting.next_line(until - time.monotonic())
        self._forget(identity, waiting)
        return waiting.end is not None

    def _send(self, verb: str, arguments: Mapping[str, JsonValue]) -> tuple[str, Waiting]:
        longest = guest_replies.LONGEST_END_OF_ERRAND if verb == _LONG else guest_replies.LONGEST_LINE
        waiting = Waiting(is_whole=verb == _WHOLE, longest=longest)
        with self._lock:
            if self._is_closed:
                raise ChannelClosedError(self._name)
            self._count += 1
            identity = str(self._count)
            self._waiting[identity] = waiting
            try:
                self._write({"id": identity, "verb": verb, "arguments": arguments})
            except OSError as error:
                # A request without its line end is never begun, so this one may be sent again on another channel.
                del self._waiting[identity]
                ssh_closing.close_quietly(self._channel)
                self._is_closed = True
                raise ChannelClosedError(self._name) from error
        return identity, waiting

    def _write(self, request: Mapping[str, object]) -> None:
        """Raises OSError, whatever paramiko raises of a connection that breaks meanwhile."""
        try:
            self._channel.sendall(json.dumps(request, separators=(",", ":")).encode() + b"\n")
        except (paramiko.SSHException, EOFError) as error:
            raise ConnectionResetError(str(error)) from error

    def _forget(self, identity: str, waiting: Waiting) -> None:
        waiting.drop()
        with self._lock:
            self._waiting.pop(identity, None)

    def _cancel(self, identity: str) -> None:
        try:
            with self._lock:
                if not self._is_closed:
                    self._write({"cancel": identity})
        except OSError:
            return

    def _wait(self, waiting: Waiting, verb: str, *, watch: Callable[[str], None]) -> None:
        """Read until the end. Ping a silent guest; without an answer the channel is lost, and so is every open call."""
        until = time.monotonic() + self._question_s if verb in QUESTIONS else float("inf")
        while not waiting.is_over:
            line = waiting.next_line(min(_OBSERVE_LIMIT_S, until - time.monotonic()))
            if line is not None:
                watch(plain_line(line, most=_LONGEST_PROGRESS))
            elif not waiting.is_over:
                self._ask_for_life()
            if time.monotonic() > until:
                waiting.give_up(_unanswered(self._name, verb, self._question_s))

    def _ask_for_life(self) -> None:
        if self.silent_s > _DEAD_AFTER_S:
            self.close()
        try:
            with self._lock:
                if not self._is_closed:
                    self._write({"id": "life", "verb": "ping"})
        except OSError:
            return  # the reader sees the end too, and tells everyone who waits

    def _read(self) -> None:
        """Lines as they come, in time that grows with what comes; a line without end is given up."""
        parts: list[bytes] = []
        length = 0
        chunk = self._rest
        while True:
            first, *others = chunk.split(b"\n")
            parts.append(first)
            length += len(first)
            if others:
                self._hand_out(b"".join(parts))
                for line in others[:-1]:
                    self._hand_out(line)
                parts, length = [others[-1]], len(others[-1])
            if length > self._longest_line():
                raise guest_replies.broken(self._name, "a line without end", parts[0])
            try:
                chunk = self._channel.recv(_READ)
            except TimeoutError:
                chunk = b""
                continue
            except OSError:
                break
            if not chunk:
                break
            self._heard_at = time.monotonic()
        self._end(None)

    def _longest_line(self) -> int:
        with self._lock:
            return max((waiting.longest for waiting in self._waiting.values()), default=guest_replies.LONGEST_LINE)

    def _hand_out(self, line: bytes) -> None:
        reply, value = guest_replies.read_reply(line, name=self._name)
        with self._lock:
            waiting = self._waiting.get(reply.id)
        if waiting is None:
            return  # a sign of life, or an answer that no call waits for any more
        if reply.progress is None:
            waiting.finish((reply.error, value))
        elif not waiting.report(reply.progress[:_LONGEST_PROGRESS]):
            raise guest_replies.broken(self._name, "progress without end", line)

    def _end(self, why: BaseException | None) -> None:
        """Nothing more is read: everyone who waits raises `why`, or that the connection broke."""
        with self._lock:
            self._is_closed = True
            waiting = list(self._waiting.values())
        for each in waiting:
            each.give_up(_own(why)) if why is not None else each.drop()
        ssh_closing.close_quietly(self._channel)


def _own(why: BaseException) -> BaseException:
    """An error for each who waits: what they were doing is added to it."""
    return AgentError(why.code, why.what, why=why.why, fix=why.fix) if isinstance(why, AgentError) else why


def _lost(name: str, verb: str) -> AgentError:
    lost = AgentError(
        "agent-lost",
        f"The connection to {name} broke during '{verb}'.",
        why="The request was sent but not answered: it may have taken effect.",
        fix="Run the command again; it checks what happened first.",
    )
    lost.retry = Retry.UNKNOWN
    return lost


def _unanswered(name: str, verb: str, limit_s: float) -> AgentError:
    return AgentError(
        "agent-answer-late",
        f"The agent of {name} did not answer '{verb}' within {limit_s:.0f} s.",
        why="The connection is open, and this request takes a moment.",
        fix="Check the load of the VM; if it stays slow, recreate it: `compleat recreate`, or `deploy --fix`.",
    )
