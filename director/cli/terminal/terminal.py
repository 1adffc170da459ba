"""The terminal: the only place that prints.

Takes lines and JSON, writes results to standard output and everything else to standard error. Every line is cleaned
here, wherever it comes from; only requested content (an archive, a document, a secret) is written raw.
"""

import io
import json
import os
import sys
import termios
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import Enum
from typing import TextIO

from cpi.contract.json_value import JsonValue
from director.cli.terminal import streams
from director.cli.terminal.streams import StandardStream
from director.errors import DeclinedError, WrongUseError
from director.report import cleaning

_TERMINAL = "/dev/tty"
_SET = "Run the command again, or give the answers with --set NAME=VALUE."
_WIDTH = 80
_YES = frozenset({"y", "yes"})


class LogForm(Enum):
    """How the events of a task are shown: what a person knows by name, each action, or JSON for machines."""

    SUMMARY = "summary"
    ACTIONS = "actions"
    EVENTS = "events"


class Terminal:
    """Standard output carries the result alone, so that it can be piped; words about it go to standard error.

    With `LogForm.EVENTS`, standard output carries the events before the result, a JSON object in each line.
    """

    def __init__(
        self,
        *,
        is_json: bool = False,
        has_color: bool = True,
        is_tty: bool = False,
        log_form: LogForm = LogForm.SUMMARY,
        columns: Sequence[str] = (),
    ) -> None:
        self.is_json = is_json or log_form is LogForm.EVENTS
        self.columns = columns
        """Which columns of a table are wanted; all where none is named."""
        self.width = _columns_of_output() if is_tty or sys.stdout.isatty() else None
        """Of a line of the result, in characters; None where no person reads it."""
        self.log_form = log_form
        self.is_tty = is_tty or sys.stderr.isatty()
        self.has_color = has_color and self.is_tty
        self.pausing: Callable[[], AbstractContextManager[object]] = nullcontext
        """Set by the progress display: within this context nothing is drawn over a question."""

    @property
    def is_answered(self) -> bool:
        """Whether a person is there to answer: both streams of the dialogue are a terminal."""
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()

    @property
    def is_read(self) -> bool:
        """Whether anybody still reads the result."""
        return not isinstance(sys.stdout, StandardStream) or sys.stdout.is_read

    def say(self, lines: Iterable[str]) -> None:
        """The result, for people. Lines of several threads are not mixed."""
        for line in lines:
            sys.stdout.write(f"{cleaning.clean_line(line)}\n")
        sys.stdout.flush()

    def say_json(self, data: Mapping[str, JsonValue]) -> None:
        """The result, for machines."""
        print(json.dumps(data, indent=None if self.log_form is LogForm.EVENTS else 2))
        sys.stdout.flush()

    def say_json_line(self, data: Mapping[str, JsonValue]) -> None:
        """A part of the result for machines, on a line of its own. Lines of several threads are not mixed."""
        sys.stdout.write(json.dumps(data) + "\n")
        sys.stdout.flush()

    def say_raw(self, data: bytes) -> None:
        """The result, as it is."""
        streams.write_result(data)

    def note(self, lines: Iterable[str]) -> None:
        """Words on the way: errors, progress."""
        for line in lines:
            sys.stderr.write(f"{cleaning.clean_line(line)}\n")
        sys.stderr.flush()

    def confirm(self, lines: Sequence[str], question: str) -> None:
        """Show the lines and ask: at the terminal wherever there is one, else by standard input.

        Raises DeclinedError on a no, and WrongUseError, code `not-confirmed`, without a terminal.
        """
        with self.pausing():
            self.note(lines)
            with _asking() as (shown, answers):
                if shown is not None and not sys.stderr.isatty():
                    print("\n".join(map(cleaning.clean_line, lines)), file=shown)
                print(f"{question} [y/N]: ", end="", file=shown or sys.stderr, flush=True)
                answer = _read_answer(answers)
            if not answer:
                self.note([""])
                raise _unanswered()
        if answer.strip().lower() not in _YES:
            raise DeclinedError("declined", "Aborted; nothing was changed.", why="The answer was no.")

    def ask(self, lines: Sequence[str], prompt: str, *, is_hidden: bool = False, fix: str = _SET) -> str:
        """Show the lines on the controlling terminal and read a line there; hidden ones are not echoed.

        `fix` says how to do without.

        Raises WrongUseError, code `not-answered`, at the end of the input or without a terminal.
        """
        with _asking() as (shown, answers):
            if shown is None:
                raise _no_answer(fix)
            for line in lines:
                print(cleaning.clean_line(line), file=shown)
            print(cleaning.clean_line(prompt), end="", file=shown, flush=True)
            with _unechoed(answers) if is_hidden else nullcontext():
                answer = _read_answer(answers)
            if is_hidden or not answer:
                print(file=shown, flush=True)
        if not answer:
            raise _no_answer(fix)
        return answer.rstrip("\r\n")


def _columns_of_output() -> int:
    """What the user set, or what the terminal has."""
    text = os.environ.get("COLUMNS", "")
    try:
        return int(text) if text.isdecimal() and int(text) else os.get_terminal_size(1).columns or _WIDTH
    except OSError:
        return _WIDTH


def can_ask() -> bool:
    """Whether the process has a terminal to ask at."""
    with _asking() as (shown, _):
        return shown is not None


@contextmanager
def _unechoed(answers: TextIO) -> Iterator[None]:
    """The terminal shows nothing of what is typed."""
    descriptor = answers.fileno()
    before = termios.tcgetattr(descriptor)
    hidden = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    try:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, hidden)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)


@contextmanager
def _asking() -> Iterator[tuple[TextIO | None, TextIO]]:
    """The controlling terminal to show and to read, whatever the streams are; without one, standard input."""
    try:
        descriptor = os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        yield None, sys.stdin
        return
    with open(descriptor, "r+b", buffering=0) as raw:
        yield _text(raw.fileno(), "w"), _text(raw.fileno(), "r")


def _text(descriptor: int, mode: str) -> TextIO:
    return io.TextIOWrapper(io.FileIO(descriptor, mode, closefd=False), errors="backslashreplace")


def _read_answer(answers: TextIO) -> str:
    """A line, "" at the end; a process that may not read its terminal gets none either."""
    try:
        return answers.readline()
    except OSError:
        return ""


def _no_answer(fix: str) -> WrongUseError:
    return WrongUseError(
        "not-answered",
        "A question was not answered; nothing was changed.",
        why="The input ended before the answer.",
        fix=fix,
    )


def _unanswered() -> WrongUseError:
    return WrongUseError(
        "not-confirmed",
        "This command changes or deletes existing resources and was not confirmed.",
        why="Standard input is not a terminal and ended without an answer.",
        fix="Check the plan above, then add -n to the same command to skip the question.",
    )
