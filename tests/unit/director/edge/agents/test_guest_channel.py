"""A guest that answers as none does: told as its VM's fault, in bounded time and memory; never a bug, never a hang."""

import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import paramiko
import pytest

from cpi.contract.values import JsonValue
from director.edge.agents import agent_messages
from director.edge.agents.guest_channel import ChannelClosedError, GuestChannel
from director.errors import ActionFailedError, AgentError
from director.model.agents.agent_answers import BlobOnVm, ErrandEnd, ErrandOutput
from director.model.ids import Digest

READERS: Mapping[str, Callable[[JsonValue], object]] = {
    "compile_package": partial(agent_messages.read_blob, "compile_package", name="web/0"),
    "drain": partial(agent_messages.check_drained, name="web/0"),
    "fetch_logs": partial(agent_messages.read_blob, "fetch_logs", name="web/0"),
    "get_state": partial(agent_messages.read_state, name="web/0"),
    "last_words": partial(agent_messages.read_last_words, name="web/0"),
    "run_errand": partial(agent_messages.read_errand_end, name="web/0"),
}
Say = Callable[[bytes], None]
Answer = Callable[[str, Say], None]


class SocketStream:
    """A socket whose `close` also ends a `recv` that waits, as a channel's does."""

    def __init__(self, inner: socket.socket) -> None:
        self.recv, self.sendall, self.settimeout = inner.recv, inner.sendall, inner.settimeout
        self._inner = inner

    def close(self) -> None:
        try:
            self._inner.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


@dataclass
class Vm:
    """The far end: every request is answered by `answer`, given its id and a way to write."""

    end: socket.socket
    answer: Answer

    def live(self) -> None:
        with self.end, self.end.makefile("rb") as requests:
            try:
                for line in requests:
                    request = json.loads(line)
                    if "verb" in request:
                        self.answer(request["id"], self.end.sendall)
            except OSError:
                return  # the director hung up


@pytest.fixture
def call() -> Iterator[Callable[..., object]]:
    """Ask a VM that answers in the way given; the channel and the far end are ended afterwards."""
    opened: list[tuple[GuestChannel, threading.Thread, socket.socket]] = []

    def ask(answer: Answer, verb: str = "get_state", *, watch: Callable[[str], None] = _ignore) -> object:
        ours, theirs = socket.socketpair()
        channel = GuestChannel(SocketStream(ours), b"", name="web/0", question_s=0.5)
        vm = threading.Thread(target=Vm(end=theirs, answer=answer).live)
        vm.start()
        opened.append((channel, vm, ours))
        value = channel.call(verb, {}, watch=watch)
        return READERS[verb](value) if verb in READERS else value

    yield ask
    for channel, vm, ours in opened:
        channel.close()
        vm.join(10)
        ours.close()
        assert not vm.is_alive()


def _ignore(_line: str) -> None:
    return


def _reply(**said: object) -> Answer:
    return lambda identity, say: say(json.dumps({"id": identity, **said}).encode() + b"\n")


def _raw(line: bytes) -> Answer:
    return lambda _identity, say: say(line)


def _vitals(number: bytes) -> Answer:
    value = b'{"job_state":"running","vitals":{"load":[%s]}}' % number
    return lambda identity, say: say(b'{"id":"%s","value":%s}\n' % (identity.encode(), value))


def _process(**said: object) -> Answer:
    return _reply(value={"job_state": "running", "processes": [said]})


def _for_ever(chunk: Callable[[str], bytes], *, pause_s: float = 0.0) -> Answer:
    def answer(identity: str, say: Say) -> None:
        while True:
            say(chunk(identity))
            time.sleep(pause_s)

    return answer


def _progress(identity: str) -> bytes:
    return json.dumps({"id": identity, "progress": "p\x1b[31m" * 100}).encode() + b"\n"


BLOB = {"digest": f"sha256:{'0' * 64}", "size": 1}
BROKEN: dict[str, tuple[str, Answer]] = {
    "garbage": ("get_state", _raw(b"this is not json\n")),
    "list": ("get_state", _raw(b"[1,2]\n")),
    "deep": ("get_state", _raw(b"[" * 200_000 + b"\n")),
    "no id": ("get_state", _raw(b'{"value": 1}\n')),
    "NaN": ("get_state", _vitals(b"NaN")),
    "infinity": ("get_state", _vitals(b"-1e999")),
    "no end": ("get_state", _for_ever(lambda _: b"x" * 1_000_000)),
    "progress flood": ("run_script", _for_ever(_progress)),
    "error list": ("get_state", _reply(error=[1])),
    "error null": ("get_state", _reply(error=None)),
    "error numbers": ("get_state", _reply(error={"code": 5, "what": [1], "why": {"a": 1}, "fix": None, "output": 7})),
    "error with an odd code": ("get_state", _reply(error={"code": "e\x1b[31m", "what": "x"})),
    "no value": ("get_state", _reply()),
    "text for a state": ("get_state", _reply(value="x")),
    "empty state": ("get_state", _reply(value={})),
    "unknown job state": ("get_state", _reply(value={"job_state": "running\x1b[31m"})),
    "process without a name": ("get_state", _process(state="running")),
    "process name with escapes": ("get_state", _process(name="p\x1b]0;y\x07", state="running")),
    "disks that are none": ("get_state", _reply(value={"job_state": "running", "disks": {"a": 1}})),
    "vitals that are none": ("get_state", _reply(value={"job_state": "running", "vitals": {"mem": "much"}})),
    "last words that are none": ("last_words", _reply(value={})),
    "logs without a digest": ("fetch_logs", _reply(value={})),
    "logs elsewhere": ("fetch_logs", _reply(value={"digest": "sha256:../../../../etc/passwd", "size": 1})),
    "logs of a negative size": ("fetch_logs", _reply(value={**BLOB, "size": -1})),
    "compiled text": ("compile_package", _reply(value="x")),
    "errand without an end": ("run_errand", _reply(value={"stdout": ""})),
    "errand with an odd exit code": ("run_errand", _reply(value={"exit_code": 10**30, "stdout": "", "stderr": ""})),
    "errand with a blob elsewhere": (
        "run_errand",
        _reply(value={"exit_code": 0, "stdout": "", "stderr": "", "blobs": {"stdout": {"digest": "../x", "size": 1}}}),
    ),
    "drain that gives text": ("drain", _reply(value="0")),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_what_no_guest_answers_is_told_as_the_vms_fault(kind: str, call: Callable[..., object]) -> None:
    verb, answer = BROKEN[kind]
    with pytest.raises(AgentError) as caught:
        call(answer, verb)
    error = caught.value
    assert (error.code, "web/0" in error.what, "The message " in error.why) == ("agent-answer-broken", True, True)
    assert len(error.what + error.why) < 500
    assert (error.what + error.why).isprintable()


def test_a_line_without_end_is_given_up_before_it_fills_the_memory(call: Callable[..., object]) -> None:
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(AgentError, match="a line without end"):
        call(_for_ever(lambda _: b"x" * 1_000_000))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 64 << 10


def test_a_question_that_is_answered_with_progress_alone_ends(call: Callable[..., object]) -> None:
    still = json.dumps({"progress": "still"})[1:-1]
    with pytest.raises(AgentError) as caught:
        call(_for_ever(lambda i: f'{{"id": "{i}", {still}}}\n'.encode(), pause_s=0.05))
    assert caught.value.code == "agent-answer-late"


def test_an_errors_texts_are_plain_and_short(call: Callable[..., object]) -> None:
    error = {
        "code": "script-failed",
        "what": "W\x1b]0;pwned\x07\x1b[2J",
        "why": "y\r\n  fix: rm -rf /",
        "fix": "run \x1b[8mit",
        "output": "first\r\n\x1b[31msecond\x1b]52;c;ZXZpbA==\x07",
    }
    with pytest.raises(ActionFailedError) as caught:
        call(_reply(error=error), "run_script")
    reported = caught.value
    assert (reported.code, reported.what, reported.why) == ("script-failed", "web/0: W", "y   fix: rm -rf /")
    assert (reported.fix, reported.output) == ("run it", "first\nsecond")
    with pytest.raises(ActionFailedError) as caught:
        call(_reply(error={"code": "x", "what": "w" * 10**6, "output": "o" * 10**6}), "run_script")
    assert len(caught.value.what) < 1100
    assert len(caught.value.output) <= 65536


def test_progress_is_plain(call: Callable[..., object]) -> None:
    reported: list[str] = []

    def answer(identity: str, say: Say) -> None:
        for said in ({"progress": "a\x1b[31mb\rc"}, {"value": "done"}):
            say(json.dumps({"id": identity, **said}).encode() + b"\n")

    assert (call(answer, "run_script", watch=reported.append), reported) == ("done", ["ab c"])


def test_every_line_of_a_log_comes_although_nobody_hurries_to_take_them(call: Callable[..., object]) -> None:
    reported: list[str] = []

    def answer(identity: str, say: Say) -> None:
        for number in range(2000):
            say(json.dumps({"id": identity, "progress": str(number)}).encode() + b"\n")
        say(json.dumps({"id": identity, "value": {}}).encode() + b"\n")

    call(answer, "tail_logs", watch=reported.append)
    assert reported == [str(number) for number in range(2000)]


def test_an_errands_output_can_be_written_to_a_file_whatever_it_holds(call: Callable[..., object]) -> None:
    end = call(_reply(value={"exit_code": 3, "stdout": "a\udcff\x1b[1m", "stderr": "x" * (5 << 20)}), "run_errand")
    assert end == ErrandEnd(exit_code=3, stdout=ErrandOutput(end="a?\x1b[1m"), stderr=ErrandOutput(end="x" * (5 << 20)))


def test_names_that_are_no_utf_8_break_nothing(call: Callable[..., object]) -> None:
    """Python writes their bytes as halves of surrogate pairs, which no terminal takes."""
    reported: list[str] = []

    def answer(identity: str, say: Say) -> None:
        for said in ({"progress": "a\udcff.log: x"}, {"value": {**BLOB, "files": ["a\udcff.log"]}}):
            say(json.dumps({"id": identity, **said}).encode() + b"\n")

    made = BlobOnVm(digest=Digest(f"sha256:{'0' * 64}"), size=1)
    assert (call(answer, "fetch_logs", watch=reported.append), reported) == (made, ["a.log: x"])


def test_a_broken_line_ends_every_call_that_waits_with_an_error_of_its_own() -> None:
    ours, theirs = socket.socketpair()
    channel = GuestChannel(SocketStream(ours), b"", name="web/0")
    errors: list[AgentError] = []

    def ask() -> None:
        try:
            channel.call("run_script", {}, watch=_ignore)
        except AgentError as error:
            errors.append(error)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    with ours, theirs, theirs.makefile("rb") as requests:
        for _ in asking:
            requests.readline()
        theirs.sendall(b"rubbish\n")
        for thread in asking:
            thread.join(10)
    assert [error.code for error in errors] == ["agent-answer-broken"] * 3
    assert len({id(error) for error in errors}) == 3
    assert channel.is_closed


class _BreakingStream:
    """A channel whose connection breaks while it is written to; it reads nothing until it is closed."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self._closed = threading.Event()

    def recv(self, nbytes: int, /) -> bytes:
        self._closed.wait(10)
        return b""

    def sendall(self, s: bytes, /) -> object:
        raise self._error

    def settimeout(self, timeout: float | None, /) -> None:
        """It has none."""

    def close(self) -> None:
        self._closed.set()


@pytest.mark.parametrize("error", [OSError("Socket is closed"), EOFError(), paramiko.SSHException("no key")])
def test_a_request_that_was_never_written_whole_may_be_sent_again(error: Exception) -> None:
    channel = GuestChannel(_BreakingStream(error), b"", name="web/0", question_s=0.5)
    assert not channel.is_alive(0.1)
    assert channel.is_closed
    with pytest.raises(ChannelClosedError):
        channel.call("get_state", {}, watch=_ignore)
    channel.close()
