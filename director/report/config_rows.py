"""Configs as rows of tables.

Takes versions and files, gives rows.
"""

from collections.abc import Iterable, Mapping

from cpi.contract.values import JsonValue
from director.model.configs import ConfigType, DiffLine, StoredConfig
from director.model.documents import Remark
from director.report import task_rows

COLUMNS = ("id", "type", "name", "created", "user", "file")
VERSION_COLUMNS = ("id", "type", "name", "current", "created", "user")


def config_row(config: StoredConfig, *, is_current: bool) -> Mapping[str, JsonValue]:
    """A version; `current` says that deploys use it."""
    return {
        "id": config.number,
        "type": config.type.value,
        "name": config.name,
        "current": is_current,
        "created": task_rows.time_text(config.at),
        "user": config.who.partition(" ")[0],
        "file": "",
    }


def file_row(type_: ConfigType, name: str, path: str) -> Mapping[str, JsonValue]:
    """A config that is a file: it has no versions."""
    return {
        "id": None,
        "type": type_.value,
        "name": name,
        "current": True,
        "created": "",
        "user": "",
        "file": path,
    }


def order(row: Mapping[str, JsonValue]) -> tuple[str, bool, str, int]:
    """BOSH's order: by type, `default` first, then by name, the newest version first."""
    number = row["id"]
    return str(row["type"]), row["name"] != "default", str(row["name"]), -number if isinstance(number, int) else 0


def diff_rows(lines: Iterable[DiffLine]) -> list[JsonValue]:
    """Each line with how it differs: "added", "removed" or null, as BOSH's director answers."""
    return [[line.text, line.change.value] for line in lines]


def remark_rows(remarks: Iterable[Remark]) -> list[JsonValue]:
    """Remarks as data."""
    return [{"code": each.code, "text": each.text, "where": each.where} for each in remarks]
