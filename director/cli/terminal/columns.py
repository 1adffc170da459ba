"""The columns of a table that --column names.

Takes a Table, gives one.
"""

from collections.abc import Sequence
from dataclasses import replace

from director.errors import InputError
from director.model.report import Table
from director.text import nearest


def with_columns(table: Table, wanted: Sequence[str]) -> Table:
    """The table with those columns alone, in that order; all where none is named. Raises InputError, column-unknown."""
    names = [name.strip().lower().replace(" ", "_") for name in wanted]
    unknown = [name for name in names if name not in table.columns]
    if unknown:
        near = nearest.nearest_word(unknown[0], table.columns)
        raise InputError(
            "column-unknown",
            f"The list of {table.name} has no column '{unknown[0]}'.",
            why=f"Its columns are {', '.join(table.columns)}.",
            fix=f"Did you mean '{near}'?" if near else "Name one of these columns.",
        )
    if not names:
        return table
    rows = tuple({name: row.get(name) for name in names} for row in table.rows)
    return replace(table, columns=tuple(names), rows=rows, less_important=())
