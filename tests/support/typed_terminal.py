"""A terminal of 80 columns at which a person types: a command runs on it, prompts are waited for, lines are typed.

Takes a command, gives what is on the screen.
"""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.command import ROOT

_WITH_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Make standard input the controlling terminal of the new session, then become the command."""


class TypedTerminal:
    """`screen` is all that was printed, echoes of what was typed included; without blanks at the ends of lines."""

    def __init__(self, process: subprocess.Popen[bytes], ours: int) -> None:
        self._process = process
        self._ours = ours
        self._printed = b""
        self._seen = 0

    @property
    def screen(self) -> str:
        lines = self._printed.decode(errors="replace").replace("\r\n", "\n").split("\n")
        return "\n".join(line.rstrip() for line in lines)

    @property
    def descriptor(self) -> int:
        """Where the keyboard is."""
        return self._ours

    def wait_for(self, text: str, *, timeout_s: float = 60.0) -> None:
        """Read until the text was printed behind what was waited for before."""
        deadline = time.monotonic() + timeout_s
        while text.encode() not in self._printed[self._seen :]:
            assert time.monotonic() < deadline, f"'{text}' was not printed:\n{self.screen}"
            assert self._read(deadline), f"'{text}' was not printed before the end:\n{self.screen}"
        self._seen = self._printed.index(text.encode(), self._seen) + len(text.encode())

    def type_line(self, text: str) -> None:
        """Type a line and Enter."""
        os.write(self._ours, f"{text}\n".encode())

    def answer(self, prompt: str, text: str) -> None:
        """Wait for the prompt and type."""
        self.wait_for(prompt)
        self.type_line(text)

    def rest_of_line(self) -> str:
        """What follows on the line of what was waited for."""
        begin = self._seen
        self.wait_for("\n")
        return self._printed[begin : self._seen].decode(errors="replace").strip()

    def end(self, *, timeout_s: float = 60.0) -> int:
        """Read to the end; gives the exit code."""
        deadline = time.monotonic() + timeout_s
        while self._read(deadline):
            assert time.monotonic() < deadline, self.screen
        return self._process.wait(timeout_s)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))
        try:
            chunk = os.read(self._ours, 65536) if ready else b""
        except OSError:  # every end of the terminal is closed
            chunk = b""
        self._printed += chunk
        return bool(chunk)


def patient_template(cloud: str, folder: Path) -> str:
    """A copy of the cloud's template whose environment gives doctor more time: a busy machine is no finding."""
    text = (ROOT / "templates" / f"{cloud}.yml").read_text()
    copy = folder / f"{cloud}.yml"
    copy.write_text(text.replace(f"    cloud: {cloud}\n", f"    cloud: {cloud}\n    preflight_limit_s: 200\n"))
    return str(copy)


@contextmanager
def typed_terminal(words: Sequence[str], env: Mapping[str, str], *, cwd: Path) -> Iterator[TypedTerminal]:
    """Run the command on a terminal of its own; it is killed if it still runs at the end."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", _WITH_TERMINAL, *words],
        cwd=cwd,
        env=dict(env),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield TypedTerminal(process, ours)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(ours)
