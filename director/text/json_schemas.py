"""JSON Schemas of the documents that people write, for editors: of the models by which the documents are checked.

Takes a document's name, gives its schema. A place may hold a variable in the place of its value.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from cpi.contract.values import JsonValue
from director.model.written.bundle import Bundle
from director.model.written.cloud_config import CloudConfig
from director.model.written.cpi_config import CpiConfig
from director.model.written.environment_file import EnvironmentFile
from director.model.written.kinds import Piece
from director.model.written.manifest import Manifest
from director.model.written.runtime_config import RuntimeConfig

DOCUMENTS: Mapping[str, type[Piece]] = MappingProxyType(
    {
        "manifest": Manifest,
        "cloud-config": CloudConfig,
        "runtime-config": RuntimeConfig,
        "cpi-config": CpiConfig,
        "environment": EnvironmentFile,
        "bundle": Bundle,
    }
)
"""Name to model."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE = "Variable"


def schema_of(name: str) -> Mapping[str, JsonValue]:
    """The schema of the document of that name, one of DOCUMENTS."""
    written: dict[str, Any] = DOCUMENTS[name].model_json_schema(by_alias=True)
    definitions = {key: _of_object(each) for key, each in written.pop("$defs", {}).items()}
    definitions[_VARIABLE] = {
        "type": "string",
        "pattern": r"\(\(.+\)\)",
        "description": "The value of a variable.",
    }
    return {"$schema": _DIALECT, **_of_object(written), "title": name, "$defs": definitions}


def _of_object(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a map stay as they are; each value may be a variable."""
    members = {name: _or_variable(each) for name, each in schema.get("properties", {}).items()}
    return {**_open(schema), **({"properties": members} if members else {})}


def _or_variable(schema: Mapping[str, Any]) -> dict[str, Any]:
    opened = _open(schema)
    kinds = opened.get("type", ())
    if "string" in ([kinds] if isinstance(kinds, str) else kinds):
        return opened
    about: dict[str, Any] = {key: opened.pop(key) for key in ("default", "description", "title") if key in opened}
    return {"anyOf": [opened, {"$ref": f"#/$defs/{_VARIABLE}"}], **about} if opened else about


def _open(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same with its inner parts opened for variables. What is left out is as what is null."""
    opened = dict(schema)
    for key in ("items", "additionalProperties"):
        if isinstance(opened.get(key), Mapping):
            opened[key] = _or_variable(opened[key])
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        if key in opened:
            opened[key] = [_open(each) for each in opened[key]]
    return opened
