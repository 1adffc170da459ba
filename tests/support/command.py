"""`compleat` as a process, the way a person or a pipeline runs it.

Takes words, gives exit code and what was printed.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import warm_command

ROOT = Path(__file__).parents[2]


_CLOCK_TIME = re.compile(r"^\d\d:\d\d:\d\d  ", re.MULTILINE)


def without_times(log: str) -> str:
    """The log's lines without the time before each."""
    return _CLOCK_TIME.sub("", log)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended. `err` has no times before the lines of the log; `took_s` is the whole process."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str
    took_s: float

    @property
    def json(self) -> Mapping[str, Any]:
        """Standard output as JSON."""
        data: Mapping[str, Any] = json.loads(self.out)
        return data

    def ended(self, code: int = 0) -> "Ran":
        """Itself, after checking the exit code and that no traceback was shown."""
        assert self.code == code, f"{self.words} ended with {self.code}, not {code}:\n{self.out}\n{self.err}"
        assert "Traceback" not in self.out + self.err
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Compleat:
    """The command with a home and an environment of its own. `is_warm`: forked from a process that has imported it.

    `path` are folders of further packages, as a plugin is that somebody installed. `network` is the file of a network
    namespace to run in, "" for this machine's.
    """

    home: Path
    environment: str
    is_warm: bool = False
    path: tuple[str, ...] = ()
    network: str = ""

    def run(self, *words: str, cwd: Path = ROOT, timeout_s: float = 300.0) -> Ran:
        """Run to the end."""
        began = time.monotonic()
        if self.is_warm:
            warm = warm_command.start(words, self.env(), cwd)
            code = warm.wait(timeout_s)
            out, err = warm.read()
            assert code is not None, f"{words} did not end within {timeout_s} s:\n{out}\n{err}"
            return Ran(words=words, code=code, out=out, err=without_times(err), took_s=time.monotonic() - began)
        done = subprocess.run(
            self.argv(*words),
            cwd=cwd,
            env=self.env(),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # without a terminal, wherever the tests are started
        )
        took_s = time.monotonic() - began
        err = without_times(done.stderr)
        return Ran(words=words, code=done.returncode, out=done.stdout, err=err, took_s=took_s)

    @contextmanager
    def started(self, *words: str, cwd: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
        """Start it, in a process group of its own; killed at exit if it still runs."""
        process = subprocess.Popen(
            self.argv(*words),
            cwd=cwd,
            env=self.env(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def take_down(self) -> None:
        """After: nothing is left of the environment. One that was never built is well too."""
        ran = self.run("down", "-n")
        ran.ended(3 if ran.err.startswith("environment-missing:") else 0)

    def argv(self, *words: str) -> list[str]:
        """The command line of the program."""
        entering = ["nsenter", f"--net={self.network}", "--"] if self.network else []
        return [*entering, sys.executable, "-m", "director.cli.main", *words]

    def env(self) -> dict[str, str]:
        """A clean environment: what tests keep, and where our state is."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPLEAT_")}
        return {
            **kept,
            "COMPLEAT_HOME": str(self.home),
            "COMPLEAT_ENVIRONMENT": self.environment,
            "PYTHONPATH": os.pathsep.join((str(ROOT), *self.path)),
            "PYTHONWARNINGS": "default",
        }
