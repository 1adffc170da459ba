"""Text of others made safe for a terminal: control characters and escape sequences out, length bounded.

Takes any text, gives one that moves no cursor, sets no title, and cannot pass for compleat's own output. Linear in its
length.
"""

import re

from director.model import plain_text

LONGEST = 4000
"""Characters of one line; longer ones are cut, and say so."""

_CONTROL = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f"  # all but the tabulator
    "\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"  # what breaks lines or turns the direction of writing
    "\ud800-\udfff]"
)
_LIST_ITEM = re.compile(r"\s*- ")


def clean_line(text: str, *, longest: int = LONGEST) -> str:
    """One line: no line break either. Escape sequences are left out; other control characters are shown as escapes."""
    cut = text[:longest]
    left = len(text) - len(cut)
    cleaned = _CONTROL.sub(_escaped, plain_text.without_sequences(cut))
    return f"{cleaned} ... ({left} more characters)" if left else cleaned


def clean_lines(text: str) -> tuple[str, ...]:
    """Each line of a text, in order."""
    return tuple(clean_line(line.removesuffix("\r")) for line in text.split("\n"))


def clean_field(text: str) -> tuple[str, ...]:
    """A text after compleat's own words: its further lines are marked, so that none can pass for compleat's output."""
    first, *rest = clean_lines(text)
    return (first, *(line if _LIST_ITEM.match(line) else f"    | {line}" for line in rest))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
