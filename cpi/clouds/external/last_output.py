"""An executable's output, made safe for messages: its last lines, without control sequences, bounded.

Takes text of others, gives text. Pure; linear in its length.
"""

import re

_LINES = 3
_LONGEST_LINE = 300
_LONGEST_MESSAGE = 4000
_TAIL = 16_000
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]?|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]{0,8}[0-~]?)")


def last_lines(text: str) -> str:
    """The last lines that hold something, in one line; "" if there are none."""
    lines = [line for line in map(_clean, text[-_TAIL:].splitlines()) if line.strip()]
    return " / ".join(_cut(line.strip(), _LONGEST_LINE) for line in lines[-_LINES:])


def message(text: str) -> str:
    """A message of its own, with its lines."""
    return _cut("\n".join(_clean(line) for line in text[: _LONGEST_MESSAGE + 1].split("\n")), _LONGEST_MESSAGE)


def how_it_ended(exit_code: int) -> str:
    """Negative is the number of the signal that ended it."""
    return f"was ended by signal {-exit_code}" if exit_code < 0 else f"ended with exit code {exit_code}"


def _clean(line: str) -> str:
    return "".join(one for one in _SEQUENCE.sub("", line) if one.isprintable() or one == "\t")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]} ..."
