"""Monit control files, read as far as BOSH jobs use them.

Takes a file's name and text, gives its checks. Conditions (`if ... then ...`) are understood and listed as not
watched; whatever else cannot be read is an error that names file and line.
Source: monit(1) of 5.33, sections PROCESS, SERVICE METHODS, DEPENDENCIES.
"""

from __future__ import annotations

import re
import shlex
from typing import List, NamedTuple, NoReturn, Optional, Sequence, Tuple

from director.guest.failures import GuestError

DEFAULT_TIMEOUT_S = 30.0

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r,=]+|\#[^\n]*)|(?P<line>\n)|(?P<quoted>"[^"]*"|'[^']*')|(?P<word>[^\s"'\#,=]+)|(?P<odd>.)"""
)
_UNITS_S = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
_NOISE = ("with", "and", "using", "program", "on", "is", "as")

_SUPPORTED = "use: check process NAME with pidfile PATH, start/stop program, group, depends on, if ... then ..."


class Program(NamedTuple):
    """What starts or stops a process; `user` and `group` "" mean root's."""

    command: Tuple[str, ...]
    timeout_s: float = DEFAULT_TIMEOUT_S
    user: str = ""
    group: str = ""


class Check(NamedTuple):
    """One supervised process; `unwatched` are the conditions that nobody looks at here."""

    name: str
    pidfile: str
    start: Optional[Program] = None
    stop: Optional[Program] = None
    group: str = ""
    depends_on: Tuple[str, ...] = ()
    unwatched: Tuple[str, ...] = ()
    is_manual: bool = False


class _Token(NamedTuple):
    text: str
    line: int
    is_quoted: bool

    @property
    def key(self) -> str:
        """The word as a keyword, lower case; a quoted text is none."""
        return "" if self.is_quoted else self.text.lower()


def read_checks(file: str, text: str) -> List[Check]:
    """Every check of one control file, in its order. Raises monit-file-broken."""
    reader = _Reader(file, _tokens(file, text))
    checks = []
    while not reader.is_at_end():
        checks.append(_read_check(reader))
    return checks


def order_checks(checks: Sequence[Check]) -> List[Check]:
    """The checks, each after those it depends on. Raises monit-depends-broken for an unknown name or a circle."""
    by_name = {check.name: check for check in checks}
    if len(by_name) != len(checks):
        twice = sorted({check.name for check in checks if [other.name for other in checks].count(check.name) > 1})
        raise GuestError(
            "monit-name-twice",
            "Two jobs of one instance supervise processes of the same name: %s." % ", ".join(twice),
            fix="give the process another name in one job's monit file",
        )
    ordered: List[Check] = []
    for check in checks:
        _visit(check, ordered, by_name=by_name, above=())
    return ordered


def _visit(check: Check, ordered: List[Check], *, by_name: "dict[str, Check]", above: Tuple[str, ...]) -> None:
    if check in ordered:
        return
    if check.name in above:
        _refuse_depends("the circle is %s" % " -> ".join((*above[above.index(check.name) :], check.name)))
    for name in check.depends_on:
        if name not in by_name:
            _refuse_depends("'%s' depends on '%s', which no monit file of this instance defines" % (check.name, name))
        _visit(by_name[name], ordered, by_name=by_name, above=(*above, check.name))
    ordered.append(check)


def _refuse_depends(why: str) -> NoReturn:
    raise GuestError(
        "monit-depends-broken",
        "The processes of this instance cannot be put in order.",
        why=why,
        fix="correct 'depends on' in the job's monit file",
    )


def _tokens(file: str, text: str) -> List[_Token]:
    tokens = []
    line = 1
    for match in _TOKEN.finditer(text):
        value = match.group()
        if match.lastgroup == "quoted":
            tokens.append(_Token(value[1:-1], line, True))
        elif match.lastgroup == "word":
            tokens.append(_Token(value, line, False))
        elif match.lastgroup == "odd":
            raise _broken(file, line, "an unclosed quote")
        line += value.count("\n")
    return tokens


def _broken(file: str, line: int, found: str) -> GuestError:
    return GuestError(
        "monit-file-broken",
        "%s:%d: the monit file cannot be read." % (file, line),
        why="found %s" % found,
        fix=_SUPPORTED,
    )


class _Reader:
    """The tokens of one file and a place among them."""

    def __init__(self, file: str, tokens: List[_Token]) -> None:
        self._file = file
        self._tokens = tokens
        self._at = 0

    def is_at_end(self) -> bool:
        return self._at >= len(self._tokens)

    def peek(self) -> str:
        """The next keyword, "" at the end or before a quoted text."""
        return "" if self.is_at_end() else self._tokens[self._at].key

    def take(self) -> _Token:
        if self.is_at_end():
            last = self._tokens[-1].line if self._tokens else 1
            raise _broken(self._file, last, "the end of the file")
        self._at += 1
        return self._tokens[self._at - 1]

    def take_if(self, *words: str) -> bool:
        """Step over the next keyword if it is one of these."""
        if self.peek() in words and not self.is_at_end():
            self._at += 1
            return True
        return False

    def skip_noise(self) -> None:
        while self.take_if(*_NOISE):
            pass

    def expect(self, word: str) -> None:
        token = self.take()
        if token.key != word:
            self.refuse(token)

    def number(self) -> float:
        token = self.take()
        if not re.fullmatch(r"\d+(\.\d+)?", token.text):
            self.refuse(token)
        return float(token.text)

    def refuse(self, token: _Token) -> NoReturn:
        raise _broken(self._file, token.line, "'%s'" % token.text)


def _read_check(reader: _Reader) -> Check:
    reader.expect("check")
    reader.expect("process")
    name = reader.take().text
    reader.skip_noise()
    reader.expect("pidfile")
    check = Check(name, reader.take().text)
    while not reader.is_at_end() and reader.peek() != "check":
        check = _read_statement(reader, check)
    return check


def _read_statement(reader: _Reader, check: Check) -> Check:
    token = reader.take()
    if token.key == "start":
        return check._replace(start=_read_program(reader))
    if token.key == "stop":
        return check._replace(stop=_read_program(reader))
    if token.key == "restart":
        _read_program(reader)  # a restart is a stop and a start here
        return check
    if token.key == "group":
        return check._replace(group=reader.take().text)
    if token.key == "depends":
        return check._replace(depends_on=check.depends_on + _read_names(reader))
    if token.key == "if":
        return check._replace(unwatched=(*check.unwatched, _read_condition(reader)))
    if token.key == "mode":
        return _read_mode(reader, check)
    if token.key == "every":
        reader.number()
        reader.take_if("cycles", "cycle")
        return check
    return reader.refuse(token)


def _read_mode(reader: _Reader, check: Check) -> Check:
    token = reader.take()
    if token.key not in ("active", "passive", "manual"):
        reader.refuse(token)
    return check._replace(is_manual=token.key != "active")


def _read_program(reader: _Reader) -> Program:
    reader.skip_noise()
    token = reader.take()
    try:
        command = tuple(shlex.split(token.text))
    except ValueError:
        reader.refuse(token)
    if not token.is_quoted or not command:
        reader.refuse(token)
    program = Program(command)
    while True:
        reader.skip_noise()
        if reader.take_if("uid"):
            program = program._replace(user=reader.take().text)
        elif reader.take_if("gid"):
            program = program._replace(group=reader.take().text)
        elif reader.take_if("timeout"):
            program = program._replace(timeout_s=_read_seconds(reader))
        else:
            return program


def _read_seconds(reader: _Reader) -> float:
    number = reader.number()
    for word, seconds in _UNITS_S.items():
        if reader.take_if(word, word + "s"):
            return number * seconds
    return number


def _read_names(reader: _Reader) -> Tuple[str, ...]:
    reader.take_if("on")
    names = [reader.take().text]
    while not reader.is_at_end() and reader.peek() not in _STATEMENTS:
        names.append(reader.take().text)
    return tuple(names)


_STATEMENTS = ("check", "start", "stop", "restart", "group", "depends", "if", "mode", "every")
_ACTIONS = ("restart", "start", "stop", "alert", "unmonitor", "timeout", "exec")


def _read_condition(reader: _Reader) -> str:
    """A whole `if ... then ...`, and its `else`, as text."""
    words = ["if"]
    while not words or words[-1].lower() != "then":
        token = reader.take()
        if token.key == "check":
            reader.refuse(token)
        words.append(token.text)
    words += _read_action(reader)
    if reader.take_if("else"):
        words.append("else")
        while reader.peek() not in _ACTIONS:
            words.append(reader.take().text)
        words += _read_action(reader)
    return " ".join(words)


def _read_action(reader: _Reader) -> List[str]:
    token = reader.take()
    if token.key not in _ACTIONS:
        reader.refuse(token)
    if token.key != "exec":
        return [token.text]
    command = [token.text, reader.take().text]
    while reader.peek() in ("as", "uid", "gid", "and"):
        command.append(reader.take().text)
        if command[-1].lower() in ("uid", "gid"):
            command.append(reader.take().text)
    return command
