"""Validate a tree as a written document: report all faults at once, each with its place.

Takes a Document and a model, gives a Written or problems. Codes: wrong-type, wrong-value, unknown-key, missing-key,
retired-key. The only file of this room that imports pydantic.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.documents import Document, Remark, WrittenDocument
from director.model.secret_ref import Property, SecretRef, SecretText
from director.model.spans import Path
from director.model.written import patterns
from director.model.written.kinds import Piece
from director.text import nearest
from director.text.ops import misses, paths

Model = TypeVar("Model", bound=Piece)

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "tuple_type": "a list",
    "text_or_whole_type": "text or a whole number",
    "nil_or_map": "a map or the word nil",
}
_SHORT_FLOAT = 1e6
_STAND_INS: Mapping[str, Property] = {"int_type": 1, "int_from_float": 1, "bool_type": False, "text_or_whole_type": 1}
_EMPTY = {"too_short", "string_too_short"}
_MAPS = {"map_type", "mapping_type", "dict_type", "model_type", "model_attributes_type", "secret_as_map"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked(Generic[Model]):
    """`written` is None exactly when there are problems.

    `rest` is the document without its unknown and retired keys, misspelt ones corrected, where nothing else is wrong.
    """

    written: WrittenDocument[Model] | None
    problems: tuple[InputError, ...] = ()
    rest: WrittenDocument[Model] | None = None


def check_document(document: Document, model: type[Model]) -> Checked[Model]:
    """Validate a document; problems come in the order of their places.

    Keys of BOSH's documents that BOSH ignores become remarks, unless they resemble a known key of their map.
    """
    if model.is_bosh_document:
        document = replace(document, tree=_with_whole_numbers(document.tree))
    try:
        valid = model.model_validate(document.tree)
    except ValidationError as error:
        reader = _ProblemReader(document, model)
        ignored = [_path(detail) for detail in error.errors() if model.is_bosh_document and reader.is_ignored(detail)]
        if ignored:
            rest = check_document(replace(document, tree=_without(document.tree, ignored)), model)
            return _with_remarks(rest, list(reader.remarks(sorted(ignored, key=reader.place))))
        details = sorted(_own_faults(error, document.tree), key=lambda detail: reader.place(_path(detail)))
        misspelt = {(*_path(each)[:-1], reader.nearest_key(_path(each))) for each in details if _is_unknown(each)}
        details = [each for each in details if each["type"] != "missing" or _path(each) not in misspelt]
        problems = tuple(reader.report(detail) for detail in details)
        return Checked(written=None, problems=problems, rest=_rest(document, model, details))
    return Checked(written=WrittenDocument(document=valid, spans=document.spans))


def _with_whole_numbers(tree: Property) -> Property:
    """The tree as BOSH's CLI sends it to the director: go-yaml writes 1024.0 as 1024, and from a million on 1e+06."""
    if isinstance(tree, float):
        return int(tree) if tree.is_integer() and abs(tree) < _SHORT_FLOAT else tree
    if isinstance(tree, list | tuple):
        return [_with_whole_numbers(value) for value in tree]
    if isinstance(tree, Mapping):
        return {key: _with_whole_numbers(value) for key, value in tree.items()}
    return tree


def _rest(document: Document, model: type[Model], details: Sequence[ErrorDetails]) -> WrittenDocument[Model] | None:
    """The document with what is wrong replaced, where nothing follows from that.

    A misspelt key counts as the one that it resembles, a number or boolean of another type as 1 or false.
    """
    stood_for = {_path(each): _STAND_INS[each["type"]] for each in details if _can_stand_in(each)}
    unknown = [_path(each) for each in details if each["type"] == "extra_forbidden"]
    if len(stood_for) + len(unknown) < len(details):
        return None
    reader = _ProblemReader(document, model)
    meant = {path: reader.nearest_key(path) for path in unknown}
    tree = _without(_with_keys(_with_values(document.tree, stood_for), meant), unknown)
    return check_document(replace(document, tree=tree), model).written


def _can_stand_in(detail: ErrorDetails) -> bool:
    """Of a group's number of instances follows how many addresses it needs."""
    return detail["type"] in _STAND_INS and _path(detail)[-1:] != ("instances",)


def _with_values(tree: Property, values: Mapping[Path, Property], at: Path = ()) -> Property:
    """A copy of the tree with other values at these places."""
    if at in values:
        return values[at]
    if isinstance(tree, list | tuple):
        return [_with_values(value, values, (*at, index)) for index, value in enumerate(tree)]
    if isinstance(tree, Mapping):
        return {key: _with_values(value, values, (*at, key)) for key, value in tree.items()}
    return tree


def _with_keys(tree: Property, meant: Mapping[Path, str], at: Path = ()) -> Property:
    """A copy of the tree in which what a misspelt key says is under the right key, too, unless that is there."""
    if isinstance(tree, list | tuple):
        return [_with_keys(value, meant, (*at, index)) for index, value in enumerate(tree)]
    if not isinstance(tree, Mapping):
        return tree
    copied = {key: _with_keys(value, meant, (*at, key)) for key, value in tree.items()}
    corrected = {right: copied[key] for key in tree if (right := meant.get((*at, key)))}
    return {**corrected, **copied}


def _own_faults(error: ValidationError, tree: Property) -> list[ErrorDetails]:
    """Leave out lists that are only too short because their items are wrong."""
    return [detail for detail in error.errors() if detail["type"] != "too_short" or not _value_at(tree, _path(detail))]


def _without(tree: Property, paths: Sequence[Path]) -> Property:
    """A copy of the tree that lacks what the paths lead to."""
    if isinstance(tree, Mapping):
        gone = {path[0] for path in paths if len(path) == 1}
        kept = {key: value for key, value in tree.items() if key not in gone}
        return {key: _without(value, _below(paths, key)) for key, value in kept.items()}
    if isinstance(tree, list | tuple):
        return [_without(value, _below(paths, index)) for index, value in enumerate(tree)]
    return tree


def _below(paths: Sequence[Path], step: str | int) -> list[Path]:
    return [path[1:] for path in paths if len(path) > 1 and path[0] == step]


def _with_remarks(checked: Checked[Model], remarks: Sequence[Remark]) -> Checked[Model]:
    if checked.written is None:
        return checked
    return Checked(written=replace(checked.written, remarks=tuple(remarks)))


def _is_unknown(detail: ErrorDetails) -> bool:
    return detail["type"] in {"extra_forbidden", "invalid_key"}


def _path(detail: ErrorDetails) -> Path:
    return tuple(step for step in detail["loc"] if step != "[key]")


_NO_TEXT = dict.fromkeys(
    ("true", "false"), "YAML reads `y`, `yes`, `on` and the like as booleans; quote them to keep the word. "
)


class _ProblemReader:
    """Turns pydantic's errors into ours."""

    def __init__(self, document: Document, model: type[Piece]) -> None:
        self._document = document
        self._model = model

    def place(self, path: Path) -> tuple[str, int, int]:
        """What to sort by."""
        span = self._document.spans.at(path)
        return span.file, span.line, span.column

    def nearest_key(self, path: Path) -> str:
        """The key that a misspelt one was meant to be, "" if none is near."""
        return nearest.nearest_word(str(path[-1]), _keys_of(_piece_at(self._model, path[:-1])))

    def is_ignored(self, detail: ErrorDetails) -> bool:
        """Whether it is a key that BOSH ignores, and not one that somebody misspelt."""
        path = _path(detail)
        if detail["type"] != "extra_forbidden":
            return False
        piece = _piece_at(self._model, path[:-1])
        is_refused = piece.is_closed or path[-1] in piece.retired or path[-1] in piece.refused
        return not is_refused and not self.nearest_key(path)

    def remarks(self, paths: Sequence[Path]) -> Iterator[Remark]:
        """About keys that are ignored: one for all entries of a list that have the same."""
        alike: dict[tuple[str | int, ...], list[Path]] = {}
        for path in paths:
            kind = tuple("" if isinstance(step, int) else step for step in path)
            alike.setdefault(kind, []).append(path)
        for same in alike.values():
            known = ", ".join(_keys_of(_piece_at(self._model, same[0][:-1])))
            more = f" and {len(same) - 1} more like it" if len(same) > 1 else ""
            verb = "have" if more else "has"
            owner = f"{self._name(same[0][:-1])}{more}"
            text = f"{owner} {verb} the unknown key '{same[0][-1]}', which is ignored. Valid keys: {known}."
            yield Remark(code="key-ignored", text=text, where=self._where(same[0]))

    def report(self, detail: ErrorDetails) -> InputError:
        """Give the error in our words."""
        path = _path(detail)
        match detail["type"]:
            case "extra_forbidden" | "invalid_key":
                return self._unknown(path)
            case "missing":
                return self._missing(path)
            case kind if kind in _WANTED:
                return self._wrong_type(path, _WANTED[kind])
            case kind if kind in _MAPS:
                return self._wrong_type(path, "a map")
            case _:
                return self._wrong_value(path, detail)

    def _unknown(self, path: Path) -> InputError:
        path = (*path[:-1], self._key(path))
        key, owner = _shown_key(path[-1]), self._name(path[:-1])
        piece = _piece_at(self._model, path[:-1])
        if key in piece.retired:
            return InputError(
                "retired-key",
                f"{owner} has the key '{key}', which deployment manifests no longer support.",
                why="It belongs to an older manifest format.",
                fix=piece.retired[key],
                where=self._where(path),
            )
        near = "" if key in piece.refused else self.nearest_key(path)
        remove = piece.refused.get(str(key), "Remove it, or move it to the right place.")
        return InputError(
            "unknown-key",
            f"{owner} has the unknown key '{key}'.",
            why=f"{_NO_TEXT.get(key, '')}Valid keys: {', '.join(_keys_of(piece))}.",
            fix=f"Did you mean '{near}'?" if near else remove,
            where=self._where(path),
        )

    def _key(self, path: Path) -> str | int:
        """The key itself: pydantic tells `true` as 1."""
        owner = _value_at(self._document.tree, path[:-1])
        keys = owner if isinstance(owner, Mapping) else ()
        return next((each for each in keys if each == path[-1]), path[-1])

    def _missing(self, path: Path) -> InputError:
        owner = self._name(path[:-1])
        return InputError(
            "missing-key",
            f"{owner} has no '{path[-1]}', which it needs.",
            why=f"The key is missing from {self._found(path[:-1])}.",
            fix=f"Add '{path[-1]}'.",
            where=self._where(path[:-1]),
        )

    def _wrong_type(self, path: Path, wanted: str) -> InputError:
        value = _value_at(self._document.tree, path)
        is_secret = isinstance(value, (SecretRef, SecretText))
        reason = " Only properties, cloud properties and env may contain secrets." if is_secret else ""
        return InputError(
            "wrong-type",
            f"{self._name(path)} must be {wanted}.",
            why=f"It is {self._found(path)}.{reason}",
            fix=f"Give the variable with -v, or write {wanted} there." if is_secret else f"Write {wanted} there.",
            where=self._where(path),
        )

    def _wrong_value(self, path: Path, detail: ErrorDetails) -> InputError:
        if detail["loc"][-1:] == ("[key]",):
            return InputError(
                "wrong-value",
                f"Each key of {self._name(path[:-1])} must be {_requirement(detail)}.",
                why=f"One is '{path[-1]}'.",
                fix="Correct the key.",
                where=self._where(path),
            )
        return InputError(
            "wrong-value",
            f"{self._name(path)} must be {_requirement(detail)}.",
            why="It is empty." if detail["type"] in _EMPTY else f"It is {self._found(path)}.",
            fix=_correction(detail),
            where=self._where(path),
        )

    def _where(self, path: Path) -> str:
        return str(self._document.spans.at(path))

    def _found(self, path: Path) -> str:
        value = _value_at(self._document.tree, path)
        if isinstance(value, (SecretRef, SecretText)):
            return f"the secret {value}"
        if isinstance(value, str):
            return f"'{value}'" if len(value) <= 40 else "a text"
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, (int, float)) else misses.plain_type(value)

    def _name(self, path: Path) -> str:
        """The path as an ops file would write it: items by their name where they have one."""
        words: list[str] = [""]
        node = self._document.tree
        for step in path:
            node = _value_at(node, (step,))
            label = node.get("name") if isinstance(step, int) and isinstance(node, Mapping) else None
            words.append(f"name={paths.escape(label)}" if isinstance(label, str) else paths.escape(str(step)))
        return f"'{'/'.join(words)}'" if path else "The document"


def _keys_of(piece: type[Piece]) -> list[str]:
    return sorted(field.alias or name for name, field in piece.model_fields.items())


def _shown_key(key: object) -> str:
    return key if isinstance(key, str) else json.dumps(key)


def _requirement(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "literal_error":
            return f"one of {context['expected']}".replace(" or ", ", ")
        case "string_pattern_mismatch":
            return patterns.WORDS[context["pattern"]]
        case "greater_than_equal":
            return f"at least {context['ge']}"
        case "greater_than":
            return f"greater than {context['gt']:g}"
        case "less_than_equal":
            return f"at most {context['le']:g}"
        case empty if empty in _EMPTY:
            found = detail["input"]
            wanted = "text" if isinstance(found, str) else "a map" if isinstance(found, Mapping) else "a list"
            return f"{wanted} that is not empty"
        case _:
            return detail["msg"].removeprefix("Input should be ")


def _correction(detail: ErrorDetails) -> str:
    """The nearest of the words that are allowed, where they are few."""
    words = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
    near = nearest.nearest_word(str(detail["input"]), words)
    return f"Did you mean '{near}'?" if near else "Correct the value."


def _value_at(node: Property, path: Path) -> Property:
    for step in path:
        if isinstance(node, Mapping):
            node = node.get(step)  # type: ignore[arg-type]  # keys may be numbers
        elif isinstance(node, (list, tuple)) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            return node if isinstance(node, str) else None  # some maps may be a text
    return node


def _piece_at(model: type[Piece], path: Path) -> type[Piece]:
    """The model of the map at that path."""
    is_in_map = False
    for step in path:
        if isinstance(step, int) or is_in_map:
            is_in_map = False
            continue
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        inner = _piece_in(fields[step].annotation) if step in fields else None
        if inner is None:
            return model
        model, is_in_map = inner, _is_map(fields[step].annotation)
    return model


def _piece_in(annotation: object) -> type[Piece] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and issubclass(annotation, Piece):
        return annotation
    return next((found for part in get_args(annotation) if (found := _piece_in(part))), None)


def _is_map(annotation: object) -> bool:
    return get_origin(annotation) is Mapping
