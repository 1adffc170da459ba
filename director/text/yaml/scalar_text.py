"""How one scalar is printed: plain, quoted or as a block, folded after column 80.

Takes a scalar and its place, gives text. Source: go-yaml/yaml v2.4 encode.go, emitterc.go; strconv.FormatFloat 'g'.
"""

import re
from enum import Enum

from director.text.yaml import scalars

_WIDTH = 80
_SPECIAL_ASCII = re.compile("[^\n -~]")
_NOT_PLAIN = re.compile(r"""\A(?:[ #,\[\]{}&*!|>'"%@`]|---|\.\.\.|[-?:](?:[ ]|\Z))|:(?: |\Z)|[ ]\#| \Z""")
_ESCAPES = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e",
    '"': '"', "\\": "\\", "\x85": "N", "\u2028": "L", "\u2029": "P",
}  # fmt: skip


class Style(Enum):
    PLAIN = "plain"
    SINGLE = "'"
    DOUBLE = '"'
    BLOCK = "|"


def choose_style(text: str) -> Style:
    """The way a string is printed, as the reference tool would."""
    if "\n" in text:
        is_block = text[-1] != " " and not _is_special(text) and " \n" not in text
        return Style.BLOCK if is_block else Style.DOUBLE
    if not scalars.is_read_back(text) or _is_special(text):
        return Style.DOUBLE
    return Style.SINGLE if _NOT_PLAIN.search(text) else Style.PLAIN


def describe_other(value: float | bool | None) -> str:
    """The text of what is not a string."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _float(value) if isinstance(value, float) else str(value)


def on_line(text: str, style: Style) -> str:
    """A string on one line, however long."""
    match style:
        case Style.PLAIN | Style.BLOCK:
            return text
        case Style.SINGLE:
            return "'" + text.replace("'", "''") + "'"
        case Style.DOUBLE:
            return '"' + "".join(_escaped(character) for character in text) + '"'


def folded(text: str, style: Style, *, column: int, indent: int) -> str:
    """A string that begins at `column`; a line past column 80 continues on the next, at `indent`."""
    line = on_line(text, style)
    if column + len(line) <= _WIDTH or " " not in line:
        return line
    first, last = (1, len(line) - 2) if style is not Style.PLAIN else (0, len(line))
    pieces: list[str] = []
    was_space = False
    for i, character in enumerate(line):
        is_inside = style is Style.PLAIN or first < i < last
        if character == " " and not was_space and column > _WIDTH and is_inside and _may_fold(line, i, style):
            pieces.append("\n" + " " * indent + ("\\" if line[i + 1] == " " else ""))
            column = indent + (line[i + 1] == " ")
        else:
            pieces.append(character)
            column += 1
        was_space = character == " "
    return "".join(pieces)


def block(text: str, indent: int) -> str:
    """A string as a literal block, its header first; ends with a line break."""
    hint = "2" if text[0] in " \n" else ""
    lines = [" " * indent + line if line else "" for line in text.split("\n")]
    end = "" if text[-1] == "\n" else "\n"
    return f"|{hint}{_chomping(text)}\n" + "\n".join(lines) + end


def _is_special(text: str) -> bool:
    """Whether a character needs an escape. The second pattern takes 5 ms to compile, and few texts need it."""
    if text.isascii():
        return _SPECIAL_ASCII.search(text) is not None
    return re.search("[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]", text) is not None


def _chomping(text: str) -> str:
    if text[-1] != "\n":
        return "-"
    return "+" if text == "\n" or text[-2] == "\n" else ""


def _may_fold(line: str, i: int, style: Style) -> bool:
    """Only double quotes can mark that a line continues with a space."""
    return style is Style.DOUBLE or line[i + 1 : i + 2] != " "


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return "\\" + _ESCAPES[character]
    if not _is_special(character):
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _float(value: float) -> str:
    if value != value:
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    mantissa, _, power = _shortest(value)
    sign = "-" if str(value)[0] == "-" else ""
    digits = mantissa.replace(".", "").rstrip("0") or "0"
    exponent = int(power)
    if exponent < -4 or exponent >= 6:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return sign + _fixed(digits, exponent)


def _shortest(value: float) -> tuple[str, str, str]:
    """The fewest digits that are read back as the same number, with their power of ten."""
    for precision in range(17):
        text = f"{abs(value):.{precision}e}"
        if float(text) == abs(value):
            break
    return text.partition("e")


def _fixed(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole, fraction = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{whole}.{fraction}" if fraction else whole
