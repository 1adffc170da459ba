"""Monit control files, read as far as BOSH jobs use them.

Takes a file's text, gives its checks. Conditions (`if ... then ...`) are understood and listed as not watched, and so
are settings of monit itself (`set ...`); whatever else cannot be read is an error that names the line.
Source: monit(1) of 5.33, sections on each kind of check, SERVICE METHODS, SERVICE POLL TIME, DEPENDENCIES; `device` is
the name that monit 5.2 of BOSH's stemcells has for a filesystem.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple, NoReturn

from director.monit.checks import GROUP, OUTSIDE, PATHS, PROCESS, BrokenFileError, Check, Program, Setting

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r,;=]+|\#[^\n]*)|(?P<line>\n)|(?P<mail>mail-format\s*\{[^}]*\})|(?P<quoted>"[^"]*"|'[^']*')"""
    r"""|(?P<word>[^\s"'\#,;=]+)|(?P<odd>.)""",
    re.IGNORECASE,
)
_PLACES = {
    PROCESS: ("pidfile", "path"),
    **dict.fromkeys((*PATHS, "device", "program"), ("path",)),
    "host": ("address",),
    "network": ("address", "interface"),
    "system": (),
}
"""Each kind of check with the keywords of which one comes before its place."""
_MATCHING = ("match", "matching")
_CLASSES = {
    "[:alnum:]": "a-zA-Z0-9",
    "[:alpha:]": "a-zA-Z",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:punct:]": r"!-/:-@\[-`{-~",
    "[:space:]": r"\s",
    "[:upper:]": "A-Z",
}
"""What POSIX has in brackets and Python does not."""

_SHOWN = 80
_UNITS_S = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
_MAIL = ("alert", "noalert")
_NOISE = ("with", "and", "using", "program", "on", "is", "as")


class _Token(NamedTuple):
    text: str
    line: int
    is_quoted: bool

    @property
    def key(self) -> str:
        """The word as a keyword, lower case; a quoted text is none."""
        return "" if self.is_quoted else self.text.lower()


def read_checks(text: str) -> list[Check]:
    """Every check of one control file, in its order. Raises BrokenFileError."""
    return [each for each in _read_file(text) if isinstance(each, Check)]


def read_settings(text: str) -> list[Setting]:
    """Every `set` statement of one control file, in its order. Raises BrokenFileError."""
    return [each for each in _read_file(text) if isinstance(each, Setting)]


def _read_file(text: str) -> Iterator[Check | Setting]:
    reader = _Tokens(_tokens(text))
    while not reader.is_at_end():
        yield _read_setting(reader) if reader.peek() == "set" else _read_check(reader)


def lines_of_checks(text: str) -> dict[str, int]:
    """The line on which each check begins, by its name; of a text that can be read."""
    tokens = _tokens(text)
    return {
        tokens[place + 2].text: token.line
        for place, token in enumerate(tokens[:-2])
        if token.key == "check" and tokens[place + 1].key in _PLACES
    }


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    line = 1
    for match in _TOKEN.finditer(text):
        value = match.group()
        if match.lastgroup == "quoted":
            tokens.append(_Token(value[1:-1], line, True))
        elif match.lastgroup in ("word", "mail"):
            tokens.append(_Token(" ".join(value.split()), line, False))
        elif match.lastgroup == "odd":
            raise _broken(tokens, line, "an unclosed quote")
        line += value.count("\n")
    return tokens


def _broken(before: Sequence[_Token], line: int, found: str) -> BrokenFileError:
    """A quoted text over several lines is hardly meant: where one stands before the fault, the fault begins there."""
    for token in before:
        if token.is_quoted and "\n" in token.text:
            return BrokenFileError(token.line, "a quote that is closed on another line")
    return BrokenFileError(line, found)


class _Tokens:
    """The tokens of one file and a place among them."""

    def __init__(self, tokens: list[_Token]) -> None:
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
            raise _broken(self._tokens, last, "the end of the file")
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
        shown = token.text if len(token.text) <= _SHOWN else token.text[:_SHOWN] + "..."
        raise _broken(self._tokens[: self._at], token.line, "'%s'" % shown)


def _read_setting(reader: _Tokens) -> Setting:
    """A setting of monit itself. It has no end of its own: the next check or setting begins another statement."""
    reader.expect("set")
    token = reader.take()
    name = token.key.partition(" ")[0].partition("{")[0]
    if name not in _SETTINGS:
        reader.refuse(token)
    while not reader.is_at_end() and reader.peek() not in _BEGINNINGS:
        reader.take()
    return Setting(name, token.line)


def _read_check(reader: _Tokens) -> Check:
    reader.expect("check")
    kind = reader.take()
    if kind.key not in _PLACES:
        reader.refuse(kind)
    name = reader.take().text
    check = _read_pattern(reader, Check(name, "")) if kind.key == PROCESS else None
    if check is None:
        place = _read_place(reader, kind.key)
        known = "filesystem" if kind.key == "device" else kind.key
        check = Check(name, "" if known in OUTSIDE else place, kind=known)
    while not reader.is_at_end() and reader.peek() not in _BEGINNINGS:
        check = _read_statement(reader, check)
    return check


def _read_pattern(reader: _Tokens, check: Check) -> Check | None:
    """A process that is found by its command line; None for one that is not."""
    reader.skip_noise()
    if not reader.take_if(*_MATCHING):
        return None
    token = reader.take()
    pattern = token.text
    for name, characters in _CLASSES.items():
        pattern = pattern.replace(name, characters)
    try:
        re.compile(pattern)
    except re.error:
        reader.refuse(token)
    return check._replace(pattern=pattern)


def _read_place(reader: _Tokens, kind: str) -> str:
    """What the check looks at; the machine itself has no place, and a program may have a user and a timeout."""
    if not _PLACES[kind]:
        return ""
    reader.skip_noise()
    if not reader.take_if(*_PLACES[kind]):
        reader.refuse(reader.take())
    place = reader.take().text
    if kind == "program":
        _read_limits(reader, Program((place,)))
    return place


def _read_statement(reader: _Tokens, check: Check) -> Check:
    token = reader.take()
    if token.key in ("start", "stop") and not check.is_supervised:
        reader.refuse(token)
    if token.key == "start":
        return check._replace(start=_read_program(reader))
    if token.key == "stop":
        return check._replace(stop=_read_program(reader))
    if token.key == "restart":
        _read_program(reader)  # a restart is a stop and a start here
        return check
    if token.key == "group":
        return _read_group(reader, check)
    if token.key == "depends":
        return check._replace(depends_on=check.depends_on + _read_names(reader))
    if token.key == "ignore":
        token, _ = reader.take(), reader.take()
        return check if token.key in _MATCHING else reader.refuse(token)
    if token.key in _MAIL:
        return check._replace(unwatched=(*check.unwatched, _read_mail(reader, token)))
    if token.key == "if":
        return check._replace(unwatched=(*check.unwatched, _read_condition(reader)))
    if token.key == "mode":
        return _read_mode(reader, check)
    if token.key == "every":
        _read_poll_time(reader)
        return check
    if token.key == "not" and reader.take_if("every"):
        _read_poll_time(reader)
        return check
    return reader.refuse(token)


def _read_group(reader: _Tokens, check: Check) -> Check:
    """A check may be in several groups; of interest is whether it is in that of BOSH."""
    group = reader.take().text
    return check if check.group == GROUP else check._replace(group=group)


def _read_mode(reader: _Tokens, check: Check) -> Check:
    token = reader.take()
    if token.key not in ("active", "passive", "manual"):
        reader.refuse(token)
    return check._replace(is_manual=token.key != "active")


def _read_program(reader: _Tokens) -> Program:
    """A quoted command, or a path and arguments without quotes."""
    reader.skip_noise()
    token = reader.take()
    try:
        command = shlex.split(token.text)
    except ValueError:
        reader.refuse(token)
    if not command or not (token.is_quoted or token.text.startswith("/")):
        reader.refuse(token)
    while not token.is_quoted and not reader.is_at_end() and reader.peek() not in _AFTER_PROGRAM:
        command.append(reader.take().text)
    return _read_limits(reader, Program(tuple(command)))


def _read_limits(reader: _Tokens, program: Program) -> Program:
    """Who runs it, and for how long at most."""
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


def _read_mail(reader: _Tokens, token: _Token) -> str:
    """Who gets a mail, and of which events."""
    words = [token.text, reader.take().text]
    while not reader.is_at_end() and reader.peek() not in _STATEMENTS:
        words.append(reader.take().text)
    return " ".join(words)


def _read_poll_time(reader: _Tokens) -> None:
    """A number of cycles, or a quoted text as cron has it."""
    if reader.is_at_end() or reader.peek():
        reader.number()
        reader.take_if("cycles", "cycle")
    else:
        reader.take()


def _read_seconds(reader: _Tokens) -> float:
    number = reader.number()
    for word, seconds in _UNITS_S.items():
        if reader.take_if(word, word + "s"):
            return number * seconds
    return number


def _read_names(reader: _Tokens) -> tuple[str, ...]:
    reader.take_if("on")
    names = [reader.take().text]
    while not reader.is_at_end() and reader.peek() not in _STATEMENTS:
        names.append(reader.take().text)
    return tuple(names)


_BEGINNINGS = ("check", "set", "include")
"""What begins a statement at the top of a file. A file that is included is not part of the job: it is refused."""
_SETTINGS = (
    "alert", "daemon", "eventqueue", "expectbuffer", "fips", "httpd", "idfile", "init", "limits", "log", "logfile",
    "mail-format", "mailserver", "mmonit", "onreboot", "pidfile", "ssl", "statefile", "terminal", "tls",
)  # fmt: skip
_STATEMENTS = (
    *_BEGINNINGS,
    "start",
    "stop",
    "restart",
    "group",
    "depends",
    "if",
    "mode",
    "every",
    "not",
    "ignore",
    *_MAIL,
)
_AFTER_PROGRAM = (*_STATEMENTS, *_NOISE, "uid", "gid", "timeout")
_ACTIONS = ("restart", "start", "stop", "alert", "unmonitor", "timeout", "exec")


def _read_condition(reader: _Tokens) -> str:
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


def _read_action(reader: _Tokens) -> list[str]:
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
    if reader.take_if("repeat"):
        _read_repeat(reader)
    return command


def _read_repeat(reader: _Tokens) -> None:
    reader.expect("every")
    reader.number()
    reader.take_if("cycles", "cycle")
