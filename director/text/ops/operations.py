"""Ops files: a list of maps to operations, every mistake of every entry at once.

Takes a Document, gives Operations. Source: cppforlife/go-patch patch/op_definition.go, bosh-cli
cmd/opts/ops_file_arg.go. An unknown key is ignored there, so it is here.
"""

import json
from collections.abc import Mapping
from typing import Literal

from director.errors import InputError, raise_all
from director.model.documents import Document
from director.model.secret_ref import Property
from director.model.spans import Span
from director.model.written.ops_file import Operation
from director.text.ops import paths


def read_operations(document: Document) -> tuple[Operation, ...]:
    """Read a whole ops file; an empty one has none. Codes: ops-file-shape, ops-invalid."""
    file = document.spans.file
    if document.tree is None:
        return ()
    if not isinstance(document.tree, list):
        raise _bad_shape(file, str(document.spans.at(())))
    found: list[Operation] = []
    problems: list[InputError] = []
    for number, entry in enumerate(document.tree):
        span = document.spans.at((number,))
        try:
            found.append(_read_operation(entry, f"operation [{number}] in {file}", span))
        except _Refused as refused:
            problems.append(_explained(refused, entry, number=number, span=span))
    raise_all(problems)
    return tuple(found)


class _Refused(Exception):
    """Says what is wrong with an operation; `prefix` comes before its number."""

    def __init__(self, prefix: str, what: str, *, fix: str) -> None:
        super().__init__(what)
        self.prefix = prefix
        self.what = what
        self.fix = fix


def _read_operation(entry: Property, label: str, span: Span) -> Operation:
    fields = entry if isinstance(entry, Mapping) else {}
    kind = _text(fields.get("type"))
    match kind:
        case "replace" | "remove" | "test":
            _check_fields(kind, fields)
        case _:
            raise _Refused("Unknown operation", f"with type '{kind}'", fix="Write type: replace, remove or test.")
    path = _text(fields["path"])
    try:
        paths.read_path(path)
    except paths.PathTextError as error:
        fix = "Begin with /, and escape ~ / : in a key as ~0 ~1 ~7."
        raise _Refused(_prefix(kind), f"Invalid path: {error}", fix=fix) from error
    absent = fields.get("absent") is True
    used = {
        "type",
        "path",
        *(() if absent or kind == "remove" else ("value",)),
        *(("absent",) if kind == "test" else ()),
    }
    return Operation(
        type=kind,
        path=path,
        label=label,
        span=span,
        value=fields.get("value"),
        absent=absent,
        unused=tuple(str(key) for key, value in fields.items() if key not in used and value is not None),
    )


def _check_fields(kind: Literal["replace", "remove", "test"], fields: Mapping[str, Property]) -> None:
    prefix = _prefix(kind)
    has_value = fields.get("value") is not None
    if fields.get("path") is None:
        raise _Refused(prefix, "Missing path", fix="Say where, as in path: /instance_groups/name=web/instances.")
    if kind == "replace" and not has_value:
        raise _Refused(prefix, "Missing value", fix="Write the new value; null cannot be one.")
    if kind == "remove" and has_value:
        raise _Refused(prefix, "Cannot specify value", fix="Drop the value: remove takes none.")
    if not isinstance(fields.get("absent"), bool | None):
        raise _Refused(prefix, "Absent is neither true nor false", fix="Write absent: true, or drop it.")
    if kind == "test" and not has_value and fields.get("absent") is None:
        raise _Refused(prefix, "Missing value or absent", fix="Write the expected value, or absent: true.")


def _prefix(kind: str) -> str:
    return f"{kind.capitalize()} operation"


def _text(value: Property) -> str:
    return "" if value is None else str(value)


def _explained(refused: _Refused, entry: Property, *, number: int, span: Span) -> InputError:
    between = " " if refused.prefix.startswith("Unknown") else ": "
    label = f"operation [{number}] in {span.file} failed"
    return InputError(
        "ops-invalid",
        f"Building ops: {refused.prefix} [{number}]{between}{refused.what} within\n{_shown(entry, label)}",
        why="Nothing was applied: ops files are read whole first.",
        fix=refused.fix,
        where=str(span),
    )


def _shown(entry: Property, label: str) -> str:
    """The operation as the reference tool shows it: values hidden, fields in its order."""
    fields = entry if isinstance(entry, Mapping) else {}
    shown: dict[str, object] = {}
    if fields.get("type"):
        shown["Type"] = _text(fields["type"])
    if fields.get("path") is not None:
        shown["Path"] = _text(fields["path"])
    if fields.get("value") is not None:
        shown["Value"] = "<redacted>"
    if isinstance(fields.get("absent"), bool):
        shown["Absent"] = fields["absent"]
    shown["Error"] = label
    return json.dumps(shown, indent=2, ensure_ascii=False).replace("&", "\\u0026")


def _bad_shape(file: str, where: str) -> InputError:
    return InputError(
        "ops-file-shape",
        f"Deserializing ops file '{file}': it is not a list",
        why="An ops file is a list of operations, each a map with type, path and value.",
        fix="Begin every operation with '- type:'.",
        where=where,
    )
