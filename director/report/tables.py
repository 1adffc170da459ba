"""Tables for people: aligned columns, as wide as the terminal where there is one.

Takes Tables, gives lines. Off a terminal a row is one line of any width, for programs that read it. On one, cells are
wrapped; what a person copies stays in one piece where there is room, and a table with too many columns for it is shown
column by column.
"""

import json
import textwrap
from collections.abc import Mapping, Sequence

from cpi.contract.values import JsonValue
from director.model.report import Table
from director.report import cleaning

_LONGEST = 1000
_GAP = 2
_UNBROKEN = 20
"""What is as short stays in one piece: a time has 19 characters, as has an instance's id of AWS."""

_WHOLE = 23
"""A word of this length stays in one piece where other cells can be wrapped: the longest kind of action."""

_SPELLINGS = {
    "az": "AZ",
    "cid": "CID",
    "cids": "CIDs",
    "cpu": "CPU",
    "id": "ID",
    "ips": "IPs",
    "mib": "MiB",
    "os": "OS",
    "vm": "VM",
    "vms": "VMs",
}
"""Words of columns that are no plain words, as BOSH's own tables spell them."""

_READABLE = 12
"""Sentences need such a width."""


def table_lines(table: Table, *, width: int | None = None) -> tuple[str, ...]:
    """Header, rows, and their number; the table's own words when it is empty. `width` is in characters."""
    if not table.rows:
        return (*table.heading, table.empty)
    columns = _columns_with_room(table, width)
    cells = [[_cell(row, column) for column in columns] for row in table.rows]
    header = [_title(column) for column in columns]
    lines = aligned([header, *cells]) if width is None else _fitted(header, cells, width)
    count = len(cells) if table.count is None else table.count
    name = _SPELLINGS.get(table.name, table.name)
    name = name.removesuffix("s") if count == 1 else name
    left_out = ", ".join(column for column in table.columns if column not in columns)
    more = f" (no room for {left_out}; --column NAME shows a column)" if left_out else ""
    return (*table.heading, *lines, "", f"{count} {name}{more}")


def aligned(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Rows of as many cells as lines, each column as wide as its longest cell; a column without text takes no room."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return tuple(_line(row, widths) for row in rows)


def _columns_with_room(table: Table, width: int | None) -> tuple[str, ...]:
    """All columns, or without as many of the less important ones as do not fit."""
    columns = table.columns
    for name in table.less_important if width is not None else ():
        cells = [[_title(column) for column in columns]]
        cells += [[_cell(row, column) for column in columns] for row in table.rows]
        if _total([_narrowest(column) for column in zip(*cells, strict=True)]) <= (width or 0):
            break
        columns = tuple(column for column in columns if column != name)
    return columns


def _fitted(header: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    columns = list(zip(header, *cells, strict=True))
    widest = [max(map(len, column)) for column in columns]
    narrowest = [_narrowest(column) for column in columns]
    if _total(narrowest) > width:
        return _column_by_column(header, cells, width)
    whole = [_narrowest(column, longest=_WHOLE) for column in columns]
    unbroken = [max(least, min(room, _UNBROKEN)) for room, least in zip(widest, whole, strict=True)]
    widths = list(widest)
    for least in (unbroken, whole, narrowest):
        while _total(widths) > width and widths != least:
            longest = max(range(len(widths)), key=lambda at: widest[at] if widths[at] > least[at] else 0)
            widths[longest] -= 1
    lines: list[str] = []
    for row in (header, *cells):
        pieces = [_wrapped(cell, room) for cell, room in zip(row, widths, strict=True)]
        for at in range(max(map(len, pieces))):
            lines.append(_line([piece[at] if at < len(piece) else "" for piece in pieces], widths))
    return tuple(lines)


def _column_by_column(header: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    """Each row as a block: a line for each of its columns."""
    room = max(map(len, header))
    rest = max(width - room - _GAP, _UNBROKEN)
    lines: list[str] = []
    for row in cells:
        lines += [""] if lines else []
        for title, cell in zip(header, row, strict=True):
            first, *more = _wrapped(cell, rest) or [""]
            lines += [_line([title, first], [room, rest]), *(_line(["", piece], [room, rest]) for piece in more)]
    return tuple(lines)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width)
    return (" " * _GAP).join(padded).rstrip()


def _total(widths: Sequence[int]) -> int:
    shown = [width for width in widths if width]
    return sum(shown) + _GAP * (len(shown) - 1)


def _narrowest(column: Sequence[str], *, longest: int = _UNBROKEN) -> int:
    """How narrow a column can be: its words in one piece, but for those that are longer."""
    words = max((min(len(word), longest) for cell in column for word in cell.split()), default=0)
    return max(words, min(max(map(len, column)), _READABLE))


def _wrapped(cell: str, room: int) -> list[str]:
    return textwrap.wrap(cell, room, break_on_hyphens=False) if len(cell) > room > 0 else [cell]


def _title(column: str) -> str:
    words = " ".join(_SPELLINGS.get(word, word) for word in column.split("_"))
    return words[0].upper() + words[1:]


def _cell(row: Mapping[str, JsonValue], column: str) -> str:
    value = row.get(column)
    if isinstance(value, list | tuple):
        return _text(", ".join(str(item) for item in value)) or "-"
    if isinstance(value, Mapping):
        return _text(json.dumps(value, sort_keys=True)) if value else "-"
    return "-" if value is None or value == "" else _text(str(value))


def _text(value: str) -> str:
    """A cell is one line, whatever its text."""
    return cleaning.clean_line(" ".join(value.splitlines()), longest=_LONGEST)
