"""Documents of the state store sealed and read back: what does not read is named with the record it belongs to.

Takes values and the place of their row, gives sealed bytes, and the values again.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from cpi.contract.values import JsonValue
from director.edge.secrets.sealing import RowPlace, Sealing, UnsealableError
from director.edge.state import plan_document, sql_refusals, work_documents
from director.model import as_data
from director.model.tasks.entries import Entry
from director.model.tasks.plan import Plan

T = TypeVar("T")


class SqlDocuments:
    """The sealed columns of one database."""

    def __init__(self, path: Path, sealing: Sealing) -> None:
        self._path = path
        self._sealing = sealing

    def seal(self, data: JsonValue, place: RowPlace) -> bytes:
        """The data as they are stored. Raises StateError: vault-key-missing, vault-key-broken, disk-full."""
        return self._sealing.seal(json.dumps(data), place)

    def open_value(self, kind: type[T], sealed: object, place: RowPlace, *, whose: str) -> T:
        """The value of that type. Raises StateError: state-damaged, state-sealed, vault-key-missing."""
        return decode(kind, self.open_map(sealed, place, whose=whose), self._path, whose=whose)

    def open_map(self, sealed: object, place: RowPlace, *, whose: str) -> Mapping[str, JsonValue]:
        """The document's map. Raises StateError: state-damaged, state-sealed, vault-key-missing."""
        if not isinstance(sealed, bytes):
            raise sql_refusals.damaged(self._path, whose, "it is not sealed")
        try:
            text = self._sealing.open(sealed, place)
        except UnsealableError as error:
            raise sql_refusals.sealed(self._path, whose, str(error)) from error
        except UnicodeDecodeError as error:
            raise sql_refusals.damaged(self._path, whose, "it is not text") from error
        return read_map(text, self._path, whose=whose)

    def open_plan(self, sealed: object, place: RowPlace, *, whose: str) -> Plan:
        """The saved plan. Raises StateError: state-damaged, state-sealed, vault-key-missing."""
        data = self.open_map(sealed, place, whose=whose)
        with sql_refusals.refusing_damage(self._path, whose):
            return plan_document.decode(data)

    def open_entry(self, type_: str, sealed: object, place: RowPlace, *, whose: str) -> Entry:
        """The journal's entry. Raises StateError: state-damaged, state-sealed, vault-key-missing."""
        data = self.open_map(sealed, place, whose=whose)
        with sql_refusals.refusing_damage(self._path, whose):
            return work_documents.decode_entry(type_, data)


def read_value(kind: type[T], text: str, path: Path, *, whose: str) -> T:
    """The value of a document that is not sealed. Raises StateError, code `state-damaged`."""
    return decode(kind, read_map(text, path, whose=whose), path, whose=whose)


def read_map(text: str, path: Path, *, whose: str) -> Mapping[str, JsonValue]:
    """The document's map. Raises StateError, code `state-damaged`."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise sql_refusals.damaged(path, whose, "it is not a JSON document") from error
    if not isinstance(data, dict):
        raise sql_refusals.damaged(path, whose, "it is not a map")
    return data


def decode(kind: type[T], data: JsonValue, path: Path, *, whose: str) -> T:
    """Decode the value. Raises StateError, code `state-damaged`."""
    with sql_refusals.refusing_damage(path, whose):
        return as_data.decode(kind, data)
