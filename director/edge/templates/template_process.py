"""One process that evaluates templates, started with the first one or before: JSON lines in, JSON lines out.

It says when it is ready, so that its start on a busy machine takes nothing of a template's time.

Takes requests, gives texts or failures. What the process is, its program says: Ruby for ERB, our own for Jinja.
"""

import contextlib
import json
import os
import resource
import select
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from typing import IO, Self

from cpi.contract.value_classes import dataclass
from director.edge.templates.template_parts import SharedParts
from director.errors import InputError
from director.model import erb

_START_S = 120.0
"""Its start takes a tenth of a second of processor time."""
_PIECE_BYTES = 1 << 20
_MOST_ANSWER_BYTES = 6 * erb.LARGEST_OUTPUT
"""Of the line that carries a template's text: JSON may take six bytes for a character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateProgram:
    """What is run. `name` is what messages call it; more memory than `memory_bytes` of addresses it does not get."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    memory_bytes: int = 2 << 30


class TemplateEvaluator:
    """Evaluates templates; safe to call from many threads, which take turns.

    A template that ends the process, or does not end within `timeout_s`, fails alone: the next one restarts it.
    `program` is called for each start, and may refuse.
    """

    def __init__(self, program: Callable[[], TemplateProgram], *, timeout_s: float) -> None:
        self._program = program
        self._timeout_s = timeout_s
        self._turn = threading.Lock()
        self._process: _TemplateProcess | None = None

    def __call__(self, request: erb.ErbRequest) -> tuple[erb.ErbText | erb.ErbFailure, ...]:
        """Evaluate each template. Raises what `program` raises."""
        with self._turn:
            return tuple(self._answers(request))

    def start(self) -> None:
        """Start the process without waiting for it. What `program` refuses, the first template raises."""
        with self._turn, contextlib.suppress(InputError):
            self._process = self._process or _TemplateProcess(self._program())

    def close(self) -> None:
        """End the process if there is one; twice is once."""
        with self._turn:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answers(self, request: erb.ErbRequest) -> Iterator[erb.ErbText | erb.ErbFailure]:
        answered = 0
        while answered < len(request.templates):
            process = self._process = self._process or _TemplateProcess(self._program())
            process.ask(replace(request, templates=request.templates[answered:]))
            while answered < len(request.templates):
                answer = process.next_answer(self._timeout_s)
                answered += 1
                if answer is None:
                    yield erb.ErbFailure(line=0, message=process.exit_reason())
                    self._stop()
                    break
                yield _read_answer(answer)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process:
            process.kill()


class _TemplateProcess:
    def __init__(self, program: TemplateProgram) -> None:
        self._name = program.name
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed in kill
        self._process = subprocess.Popen(
            program.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            bufsize=0,
            env=dict(program.environment),
        )
        # Between start and limit it has read nothing yet. Where there is no prlimit (macOS), time alone is bounded.
        if hasattr(resource, "prlimit"):
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(self._process.pid, resource.RLIMIT_AS, (program.memory_bytes,) * 2)
        self._buffer = bytearray()
        self._shared = SharedParts()
        self._is_ready = False
        self._limit = ""

    def ask(self, request: erb.ErbRequest) -> None:
        """Send the templates with what they see, once it is ready. What ended meanwhile gives no answer."""
        assert self._process.stdin
        self._limit = f"not started after {_START_S:g} s"
        self._is_ready = self._is_ready or self._read_line(time.monotonic() + _START_S) is not None
        if not self._is_ready:
            return
        with contextlib.suppress(BrokenPipeError):
            # Without a buffer, a pipe may take less than it was given.
            rest = memoryview(self._shared.document(request))
            while rest:
                rest = rest[os.write(self._process.stdin.fileno(), rest) :]

    def next_answer(self, timeout_s: float) -> bytes | None:
        """The line that answers the next template; None when the process ended or stays silent."""
        if not self._is_ready:
            return None
        self._limit = f"not done after {timeout_s:g} s"
        return self._read_line(time.monotonic() + timeout_s)

    def exit_reason(self) -> str:
        """Why no answer came."""
        if self._limit == erb.TOO_LARGE:
            return erb.TOO_LARGE
        try:
            status = self._process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            return self._limit
        return f"{self._name} ended with status {status}{self._last_words()}"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._stderr):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _read_line(self, deadline: float) -> bytes | None:
        assert self._process.stdout
        watch = select.poll()
        watch.register(self._process.stdout.fileno(), select.POLLIN)
        while b"\n" not in self._buffer[-_PIECE_BYTES:]:
            if len(self._buffer) > _MOST_ANSWER_BYTES:
                self._limit = erb.TOO_LARGE
                return None
            if not watch.poll(max(0.0, deadline - time.monotonic()) * 1000):
                return None
            chunk = os.read(self._process.stdout.fileno(), _PIECE_BYTES)
            if not chunk:
                return None
            self._buffer += chunk
        line, _, rest = bytes(self._buffer).partition(b"\n")
        self._buffer = bytearray(rest)
        return line

    def _last_words(self) -> str:
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").split("\n")
        reason = next((line.strip() for line in lines if "Error" in line), "")
        return f": {reason}" if reason else ""


def _read_answer(line: bytes) -> erb.ErbText | erb.ErbFailure:
    answer = json.loads(line)
    if "text" in answer:
        text = answer["text"]
        if len(text) > erb.LARGEST_OUTPUT:
            return erb.ErbFailure(line=0, message=erb.TOO_LARGE)
        return erb.ErbText(content=text)
    return erb.ErbFailure(
        line=answer["line"],
        message=answer["message"],
        names=tuple(answer["names"]),
        is_of_link=answer["of_link"],
    )
