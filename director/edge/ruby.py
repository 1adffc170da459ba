"""ERB templates evaluated by one Ruby process, started when the first is asked for.

Takes requests, gives texts or failures. The Ruby side is erb_renderer.rb beside this file.
"""

import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

from cpi.values import JsonValue
from director.errors import InputError
from director.model import erb

_PROGRAM = Path(__file__).with_name("erb_renderer.rb")


class RubyErb:
    """Evaluates ERB; safe to call from many threads, which take turns.

    A template that ends Ruby, or does not end within `timeout_s`, fails alone: Ruby is started anew for the next.
    """

    def __init__(self, *, ruby: str = "ruby", timeout_s: float = 60.0) -> None:
        self._ruby = ruby
        self._timeout_s = timeout_s
        self._turn = threading.Lock()
        self._process: _Process | None = None

    def __call__(self, request: erb.ErbRequest) -> tuple[erb.ErbText | erb.ErbFailure, ...]:
        """Evaluate each template. Raises InputError: ruby-missing."""
        with self._turn:
            return tuple(self._answers(request))

    def close(self) -> None:
        """End the Ruby process if there is one; twice is once."""
        with self._turn:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answers(self, request: erb.ErbRequest) -> Iterator[erb.ErbText | erb.ErbFailure]:
        scene: JsonValue = {
            "context": request.context,
            "dns": {"azs": request.dns.azs, "link_groups": request.dns.link_groups},
        }
        told = None
        for template in request.templates:
            process = self._process or self._start()
            lines: list[JsonValue] = [{"job": request.job, "name": template.name, "text": template.text}]
            answer = process.ask([scene, *lines] if told is not process else lines, self._timeout_s)
            told = process
            if answer is None:
                yield erb.ErbFailure(line=0, message=process.epitaph(self._timeout_s))
                self._stop()
            else:
                yield _read_answer(answer)

    def _start(self) -> "_Process":
        if shutil.which(self._ruby) is None:
            raise InputError(
                "ruby-missing",
                "Templates written in ERB need Ruby, and it is not installed.",
                why=f"no program `{self._ruby}` is on the PATH.",
                fix="install the package `ruby` (`apt-get install ruby`, `dnf install ruby`, `apk add ruby`, "
                "`zypper install ruby`, `brew install ruby`) and run the same command again.",
            )
        self._process = _Process(self._ruby)
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process:
            process.kill()


class _Process:
    def __init__(self, ruby: str) -> None:
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed in kill
        self._process = subprocess.Popen(
            [ruby, "-EUTF-8:UTF-8", "--disable=error_highlight", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            bufsize=0,
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": os.environ.get("HOME", "/")},
        )
        self._buffer = bytearray()

    def ask(self, documents: list[JsonValue], timeout_s: float) -> bytes | None:
        """Send documents, give the line that answers; None when Ruby ended or stayed silent."""
        assert self._process.stdin
        text = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)
        try:
            # Without a buffer, a pipe may take less than it was given.
            rest = memoryview(text.encode())
            while rest:
                rest = rest[os.write(self._process.stdin.fileno(), rest) :]
        except BrokenPipeError:
            return None
        return self._read_line(time.monotonic() + timeout_s)

    def epitaph(self, timeout_s: float) -> str:
        """Why no answer came."""
        try:
            status = self._process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            return f"not done after {timeout_s:g} s"
        return f"Ruby ended with status {status}{self._last_words()}"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._said):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _read_line(self, deadline: float) -> bytes | None:
        assert self._process.stdout
        watch = select.poll()
        watch.register(self._process.stdout.fileno(), select.POLLIN)
        while b"\n" not in self._buffer:
            if not watch.poll(max(0.0, deadline - time.monotonic()) * 1000):
                return None
            chunk = os.read(self._process.stdout.fileno(), 1 << 20)
            if not chunk:
                return None
            self._buffer += chunk
        line, _, rest = bytes(self._buffer).partition(b"\n")
        self._buffer = bytearray(rest)
        return line

    def _last_words(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").split("\n")
        said = next((line.strip() for line in lines if "Error" in line), "")
        return f": {said}" if said else ""


def _read_answer(line: bytes) -> erb.ErbText | erb.ErbFailure:
    answer = json.loads(line)
    if "text" in answer:
        return erb.ErbText(content=answer["text"])
    return erb.ErbFailure(line=answer["line"], message=answer["message"], names=tuple(answer["names"]))
