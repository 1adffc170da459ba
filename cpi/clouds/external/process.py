"""One run of an executable: bytes in, bytes out, within a time and a size, and never a shell.

Takes a path, gives what it wrote. A run has a process group of its own, which ends with its time or its Runs.
Source: cloudfoundry/bosh src/bosh-director/lib/clouds/external_cpi.rb (environment, exit code ignored).
"""

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import IO

from cpi.contract.errors import CloudError, LostReplyError
from cpi.contract.value_classes import dataclass

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_MOST_OUT = 16 * 1024 * 1024
_MOST_LOG = 4 * 1024 * 1024
_LOOK_S = 0.02
_GRACE_S = 2.0
_CHUNK = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a run wrote; of `log` (standard error) the end was kept. A negative `exit_code` is a signal."""

    out: bytes
    log: bytes
    exit_code: int = 0


@dataclass(slots=True, kw_only=True)
class _Streams:
    """What is still to be sent, and what has come."""

    unsent: memoryview
    out: bytearray = field(default_factory=bytearray)
    log: bytearray = field(default_factory=bytearray)


class Runs:
    """All runs of one executable, from many threads; `close` ends running ones and starts no more."""

    def __init__(self, path: str, environment: Mapping[str, str], *, timeout_s: float) -> None:
        self._path = path
        self._environment = {"PATH": PATH, **environment}
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._live: set[subprocess.Popen[bytes]] = set()
        self._is_closed = False

    def run(self, sent: bytes) -> Output:
        """Run it once. Raises CloudError `cpi-not-runnable` (nothing happened), LostReplyError `cpi-timed-out`,
        `cpi-wrote-too-much`, `cpi-interrupted`."""
        with self._started() as process:
            streams = _Streams(unsent=memoryview(sent))
            self._talk(process, streams, until=time.monotonic() + self._timeout_s)
        if self._is_closed:
            raise LostReplyError("cpi-interrupted", f"{self._path} was stopped in the middle of a call.")
        return Output(out=bytes(streams.out), log=bytes(streams.log), exit_code=process.returncode)

    def close(self) -> None:
        """End every run with its process group."""
        with self._lock:
            self._is_closed = True
            live = tuple(self._live)
        for process in live:
            _end(process)

    @contextlib.contextmanager
    def _started(self) -> Iterator[subprocess.Popen[bytes]]:
        process = self._start()
        try:
            yield process
        finally:
            with self._lock:
                self._live.discard(process)
            if process.poll() is None:
                _end(process)
            _close_pipes(process)

    def _start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._is_closed:
                raise CloudError("cpi-not-runnable", f"{self._path} is not started: the command is ending.")
            try:
                process = subprocess.Popen(
                    [self._path],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=self._environment,
                    start_new_session=True,
                    bufsize=0,
                )
            except OSError as error:
                raise CloudError(
                    "cpi-not-runnable",
                    f"{self._path} cannot be run.",
                    why=f"System error: {error.strerror}.",
                    fix="Make it an executable file; a script begins with #! and the absolute path of its interpreter.",
                ) from error
            self._live.add(process)
        return process

    def _talk(self, process: subprocess.Popen[bytes], streams: _Streams, *, until: float) -> None:
        """Until it has ended: what it started and left behind may keep its output open for ever."""
        with _selector(process) as selector:
            while True:
                has_ended = process.poll() is not None
                ready = selector.select(0 if has_ended else min(_LOOK_S, max(until - time.monotonic(), 0)))
                for key, _ in ready:
                    self._move(key, selector, streams)
                if has_ended and not any(key.data != "in" for key, _ in ready):
                    return
                if time.monotonic() > until:
                    raise self._late()

    def _move(self, key: selectors.SelectorKey, selector: selectors.BaseSelector, streams: _Streams) -> None:
        pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]  # we registered nothing else
        if key.data == "in":
            with contextlib.suppress(BrokenPipeError):
                streams.unsent = streams.unsent[os.write(pipe.fileno(), streams.unsent[:_CHUNK]) :]
                if streams.unsent:
                    return
            selector.unregister(pipe)
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
            return
        chunk = os.read(pipe.fileno(), _CHUNK)
        if not chunk:
            selector.unregister(pipe)
        elif key.data == "out":
            self._keep_out(streams, chunk)
        else:
            streams.log += chunk
            del streams.log[: max(len(streams.log) - _MOST_LOG, 0)]

    def _keep_out(self, streams: _Streams, chunk: bytes) -> None:
        streams.out += chunk
        if len(streams.out) > _MOST_OUT:
            raise LostReplyError(
                "cpi-wrote-too-much",
                f"{self._path} wrote more than {_MOST_OUT // 1024**2} MiB to standard output.",
                why="An answer is one small JSON object; the process was stopped.",
                fix="Run it by hand with this request, and fix it.",
            )

    def _late(self) -> LostReplyError:
        return LostReplyError(
            "cpi-timed-out",
            f"{self._path} did not answer within {self._timeout_s:g} s.",
            why="Its process and all child processes were stopped.",
            fix="Raise `timeout_s` in the environment file if its calls take longer.",
        )


@contextlib.contextmanager
def _selector(process: subprocess.Popen[bytes]) -> Iterator[selectors.BaseSelector]:
    assert process.stdin and process.stdout and process.stderr
    with selectors.DefaultSelector() as selector:
        os.set_blocking(process.stdin.fileno(), False)
        selector.register(process.stdin, selectors.EVENT_WRITE, "in")
        selector.register(process.stdout, selectors.EVENT_READ, "out")
        selector.register(process.stderr, selectors.EVENT_READ, "log")
        yield selector


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the whole group to end, then end it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)
            break
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
