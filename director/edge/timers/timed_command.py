"""The command that a timer runs, and how it is named.

Takes a home and an environment, gives values.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cpi.contract.value_classes import dataclass
from director.errors import StateError
from director.model.ids import EnvironmentName

_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramResult:
    """How a program ended: `is_good` with exit code 0. One that is absent, or does not answer, printed nothing."""

    is_good: bool
    out: str = ""
    error: str = ""


RunProgram = Callable[[Sequence[str], str], ProgramResult]
"""Runs a program with a text on its standard input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedCommand:
    """`name` is the timer's: of the environment and of the home. `log` receives what the command prints."""

    name: str
    words: Sequence[str]
    variables: Mapping[str, str]
    log: Path


def timed_command(home: Path, environment: EnvironmentName) -> TimedCommand:
    """`down --at-end` of one environment, in this home, with the interpreter that runs now.

    -P: no module of the current folder is taken.
    """
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:10]
    return TimedCommand(
        name=f"compleat-{environment}-{digest}",
        words=(sys.executable, "-P", "-m", "director.cli.main", "down", "-n", "--at-end", "-e", environment),
        variables={"COMPLEAT_HOME": str(home), "PATH": os.environ.get("PATH", os.defpath)},
        log=home / "timers" / f"{environment}.log",
    )


def run_program(words: Sequence[str], text: str) -> ProgramResult:
    """For real, with messages in English."""
    try:
        done = subprocess.run(
            words,
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=_PATIENCE_S,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ProgramResult(is_good=False)
    return ProgramResult(is_good=done.returncode == 0, out=done.stdout, error=done.stderr)


def timer_failed(kind: str, doing: str) -> StateError:
    """A scheduler that answered before and refuses now."""
    return StateError(
        "timer-failed",
        f"The end could not be set: {kind} failed at {doing}.",
        why="The program returned an error, or did not answer.",
        fix="Set COMPLEAT_TIMER=process to use a process instead, or leave the end out.",
    )
