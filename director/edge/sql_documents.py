"""Documents of the state store read back: what does not read is named with the record it belongs to.

Takes a document's text and the record's name, gives a value.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from cpi.values import JsonValue
from director.edge import sql_refusals
from director.model import as_data, plan_document
from director.model.plan import Plan

T = TypeVar("T")


def read_value(kind: type[T], text: str, path: Path, *, whose: str) -> T:
    """The value of that type. Raises StateError, code `state-damaged`."""
    return decode(kind, read_map(text, path, whose=whose), path, whose=whose)


def read_map(text: str, path: Path, *, whose: str) -> Mapping[str, JsonValue]:
    """The document's map. Raises StateError, code `state-damaged`."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise sql_refusals.damaged(path, whose, "it is no JSON document") from error
    if not isinstance(data, dict):
        raise sql_refusals.damaged(path, whose, "it is no map")
    return data


def decode(kind: type[T], data: JsonValue, path: Path, *, whose: str) -> T:
    """The value that the data stands for. Raises StateError, code `state-damaged`."""
    try:
        return as_data.decode(kind, data)
    except (ValueError, RecursionError) as error:
        raise sql_refusals.damaged(path, whose, str(error)) from error


def read_plan(text: str, path: Path, *, whose: str) -> Plan:
    """The saved plan. Raises StateError, code `state-damaged`."""
    data = read_map(text, path, whose=whose)
    try:
        return plan_document.decode(data)
    except (ValueError, RecursionError) as error:
        raise sql_refusals.damaged(path, whose, str(error)) from error
