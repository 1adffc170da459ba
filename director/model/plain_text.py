"""Text from VMs, clouds and plugins made plain: no control or escape sequences, no longer than the limit.

Takes any text, gives text that a terminal only prints. Linear in the text's length.
"""

import re

_SEQUENCE = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]?"  # colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # titles, clipboard, and whatever else has a string
    r"|\x1b[ -/]{0,8}[0-~]?"  # the short ones
)
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def plain_line(text: str, *, most: int = 1000) -> str:
    """One line; what is longer is cut and ends with dots."""
    line = _bare(_LINE_ENDS.sub(" ", text[: 4 * most])).replace("\t", " ").strip()
    return line if len(line) <= most and len(text) <= 4 * most else f"{line[:most]}..."


def plain_lines(text: str, *, most: int = 65536) -> str:
    """Lines as they are, separated by line feeds; of longer text the end, which is where programs say why."""
    return _bare(_LINE_ENDS.sub("\n", text[-most:]))


def without_sequences(text: str) -> str:
    """The text without what a terminal obeys and does not print; other control characters stay."""
    return _SEQUENCE.sub("", text)


def _bare(text: str) -> str:
    return _INVISIBLE.sub("", without_sequences(text))
