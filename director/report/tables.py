"""Tables for people: aligned columns, nothing cut that a person needs to copy.

Takes Tables, gives lines.
"""

from collections.abc import Mapping, Sequence

from cpi.contract.values import JsonValue
from director.model.report import Table
from director.report import cleaning

_LONGEST = 1000


def table_lines(table: Table) -> tuple[str, ...]:
    """Header, rows, and their number; the table's own words when it is empty."""
    if not table.rows:
        return (*table.heading, table.empty)
    cells = [[_cell(row, column) for column in table.columns] for row in table.rows]
    header = [column.replace("_", " ").capitalize() for column in table.columns]
    lines = aligned([header, *cells])
    count = len(cells) if table.count is None else table.count
    name = table.name.removesuffix("s") if count == 1 else table.name
    return (*table.heading, *lines, "", f"{count} {name}")


def aligned(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Rows of as many cells as lines, each column as wide as its longest cell; a column without text takes no room."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ((cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width) for row in rows)
    return tuple("  ".join(cells).rstrip() for cells in padded)


def _cell(row: Mapping[str, JsonValue], column: str) -> str:
    value = row.get(column)
    if isinstance(value, list | tuple):
        return _text(", ".join(str(item) for item in value)) or "-"
    return "-" if value is None or value == "" else _text(str(value))


def _text(value: str) -> str:
    """A cell is one line, whatever its text."""
    return cleaning.clean_line(" ".join(value.splitlines()), longest=_LONGEST)
