"""Every error code of the sources, found by reading them: who raises it, in what words.

Takes Sources, gives Codes. It follows a code through constants, functions that take a `code`, enums whose
docstring begins with "Codes of", and tables of a `Row` or `Denial` each, also a row `but` with another fix; what it
cannot follow is passed on from an error that was found elsewhere.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support import source_text
from tests.support.sources import Source

_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ROWS = {"Row": "", "Denial": "DeniedError"}
"""Values that a table has one of for each thing a cloud says, and the class of error they come to, "" as they say."""

_ROOTS = frozenset({"ExplainedError", "GuestError", "Finding", "Failure", "NoAnswer"})


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Raised:
    """One place that raises a code. `room` is the file's folder; words have {names} for what is filled in."""

    code: str
    kind: str
    room: str
    what: str
    fix: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrapper:
    """A function that takes a code and makes an error of it: the class, and the words it adds.

    `code` is what stands before the code it is given ("unknown-"); `parameter` is where that one is.
    """

    kind: str
    parameters: tuple[str, ...]
    parameter: str
    code: str
    what: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A source, walked once: functions with all calls below them, classes, calls with the innermost function."""

    path: Path
    tree: ast.Module
    room: str
    functions: dict[ast.FunctionDef, list[ast.Call]]
    classes: list[ast.ClassDef]
    calls: list[tuple[ast.FunctionDef | None, ast.Call]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is found before the places are: error classes, wrappers by file and name, public constants."""

    kinds: frozenset[str]
    wrappers: Mapping[tuple[Path | None, str], _Wrapper]
    constants: Mapping[str, str]
    rows: Mapping[str, ast.Call]

    def wrapper(self, file: _File, name: str) -> _Wrapper | None:
        """The file's own function of that name, else anybody's public one."""
        return self.wrappers.get((file.path, name)) or self.wrappers.get((None, name))


def read_codes(sources: Iterable[Source]) -> tuple[Raised, ...]:
    """All places in order of code, class and place."""
    files = [_read(source) for source in sources]
    constants = {name: text for file in files for name, text in _constants(file.tree).items() if name[0] != "_"}
    kinds = _error_classes(files)
    rows = {name: call for file in files for name, call in _rows(file.tree)}
    known = _Known(kinds=kinds, wrappers=_wrappers(files, kinds), constants=constants, rows=rows)
    return tuple(sorted({raised for file in files for raised in _raised(file, known)}))


def by_code(codes: Iterable[Raised]) -> Mapping[str, tuple[Raised, ...]]:
    """The places of each code, codes in order."""
    grouped: dict[str, tuple[Raised, ...]] = {}
    for raised in codes:
        grouped[raised.code] = (*grouped.get(raised.code, ()), raised)
    return dict(sorted(grouped.items()))


def _read(source: Source) -> _File:
    own = Path(source.name)
    file = _File(path=own, tree=source.tree, room=str(own.parent), functions={}, classes=[], calls=[])
    _walk(file.tree, (), file)
    return file


def _walk(node: ast.AST, around: tuple[ast.FunctionDef, ...], file: _File) -> None:
    for child in ast.iter_child_nodes(node):
        inner = around
        if isinstance(child, ast.Call):
            file.calls.append((around[-1] if around else None, child))
            for function in around:
                file.functions[function].append(child)
        elif isinstance(child, ast.FunctionDef):
            file.functions[child] = []
            inner = (*around, child)
        elif isinstance(child, ast.ClassDef):
            file.classes.append(child)
        _walk(child, inner, file)


def _error_classes(files: list[_File]) -> frozenset[str]:
    """Names of classes that grow from ExplainedError, and of values that carry a code of their own."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for file in files
        for node in file.classes
    }
    known = set(_ROOTS)
    while grown := {name for name, parents in bases.items() if parents & known} - known:
        known |= grown
    return frozenset(known)


def _wrappers(files: list[_File], kinds: frozenset[str]) -> Mapping[tuple[Path | None, str], _Wrapper]:
    """Functions that hand a parameter on as the code of an error, or of another such function."""
    known = _Known(kinds=kinds, wrappers={}, constants={}, rows={})
    while True:
        found = dict(known.wrappers)
        for file in files:
            for function, calls in file.functions.items():
                wrapper = _wrapper(function, calls, file, known)
                if wrapper is not None:
                    found[file.path, function.name] = wrapper
                    if not function.name.startswith("_"):
                        found[None, function.name] = wrapper
        if found == known.wrappers:
            return found
        known = _Known(kinds=kinds, wrappers=found, constants={}, rows={})


def _wrapper(function: ast.FunctionDef, calls: list[ast.Call], file: _File, known: _Known) -> _Wrapper | None:
    arguments = (*function.args.args, *function.args.kwonlyargs)
    names = tuple(argument.arg for argument in arguments if argument.arg not in {"self", "cls"})
    for call in calls:
        target = _target(call, file, known)
        handed = _handed(_argument(call, target.parameters, target.parameter)) if target else None
        if target is not None and handed is not None and handed[1] in names:
            what = _filled(target.what, _words(call, target, "what"))
            fix = _words(call, target, "fix")
            return _Wrapper(
                kind=target.kind,
                parameters=names,
                parameter=handed[1],
                code=target.code + handed[0],
                what=what,
                fix=fix,
            )
    return None


def _target(call: ast.Call, file: _File, known: _Known) -> _Wrapper | None:
    name = _called(call)
    if name in known.kinds:
        return _Wrapper(kind=name, parameters=("code", "what"), parameter="code", code="", what="", fix="")
    return known.wrapper(file, name)


def _handed(node: ast.expr | None) -> tuple[str, str] | None:
    """A name handed on as it is, or behind a word: f"unknown-{kind...}"."""
    if isinstance(node, ast.Name):
        return "", node.id
    if isinstance(node, ast.JoinedStr) and len(node.values) == 2:
        first, second = node.values
        inner = next((each.id for each in ast.walk(second) if isinstance(each, ast.Name)), None)
        return (str(first.value), inner) if isinstance(first, ast.Constant) and inner else None
    return None


def _raised(file: _File, known: _Known) -> Iterator[Raised]:
    constants = {**known.constants, **_constants(file.tree)}
    for function, call in file.calls:
        target = _target(call, file, known)
        if target is None:
            continue
        node = _argument(call, target.parameters, target.parameter)
        for code in _codes(node, function, constants, is_word=bool(target.code)):
            what = _filled(target.what, _words(call, target, "what"))
            fix = _words(call, target, "fix") or target.fix
            whole = f"{target.code}{code}"
            yield Raised(code=whole, kind=target.kind, room=file.room, what=what, fix=fix, place=str(file.path))
    yield from _enumerated(file)
    yield from _tabled(file, known)


def _filled(template: str, what: str) -> str:
    return template.replace("{what}", what) if "{what}" in template else what or template


def _enumerated(file: _File) -> Iterator[Raised]:
    """Enums that say of themselves that their values are codes."""
    for node in file.classes:
        if (ast.get_docstring(node) or "").startswith("Codes of"):
            for item in node.body:
                if isinstance(item, ast.Assign) and isinstance(item.value, ast.Constant):
                    code = str(item.value.value)
                    place = str(file.path)
                    yield Raised(code=code, kind="InputError", room=file.room, what="", fix="", place=place)


def _tabled(file: _File, known: _Known) -> Iterator[Raised]:
    """Table rows that define an error's texts."""
    constants = {**known.constants, **_constants(file.tree)}
    for _, call in file.calls:
        row = _row(call, known)
        if row is not None:
            words = {each.arg: each.value for each in (*row.keywords, *call.keywords)}
            kind = _ROWS[_called(row)] or getattr(words.get("kind"), "id", "CloudError")
            what, fix = (source_text.describe(words[name]) if name in words else "" for name in ("what", "fix"))
            for code in _codes(words.get("code"), None, constants, is_word=False):
                yield Raised(code=code, kind=kind, room=file.room, what=what, fix=fix, place=str(file.path))


def _row(call: ast.Call, known: _Known) -> ast.Call | None:
    """The row that a call makes: itself, or the one that `but` says again with another fix."""
    if _called(call) == "but" and isinstance(call.func, ast.Attribute):
        said = call.func.value
        return known.rows.get(said.attr if isinstance(said, ast.Attribute) else getattr(said, "id", ""))
    return call if _called(call) in _ROWS else None


def _rows(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Call) and _called(value) in _ROWS:
            yield target.id, value


def _codes(
    node: ast.expr | None, function: ast.FunctionDef | None, constants: Mapping[str, str], *, is_word: bool
) -> list[str]:
    """What a code's expression may be: literals of it, a constant, or what a function's own name was given."""
    if is_word:
        return [str(node.value).lower().replace(" ", "-")] if isinstance(node, ast.Constant) else []
    if isinstance(node, ast.Name | ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else node.attr
        if name in constants:
            return [constants[name]]
        items = ast.walk(function) if function is not None else ()
        given = [item.value for item in items if isinstance(item, ast.Assign) and _gives(item, name)]
        return [code for value in given for code in _literals(value)]
    return _literals(node) if isinstance(node, ast.Constant | ast.IfExp) else []


def _gives(assign: ast.Assign, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for target in assign.targets for each in ast.walk(target))


def _literals(node: ast.AST | None) -> list[str]:
    if node is None:
        return []
    if isinstance(node, ast.IfExp):
        return [*_literals(node.body), *_literals(node.orelse)]
    texts = [item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return [text for text in texts if _CODE.fullmatch(text)]


def _constants(tree: ast.Module) -> Mapping[str, str]:
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _argument(call: ast.Call, parameters: tuple[str, ...], name: str) -> ast.expr | None:
    at = parameters.index(name) if name in parameters else len(call.args)
    if len(call.args) > at:
        return call.args[at]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _words(call: ast.Call, target: _Wrapper, name: str) -> str:
    node = _argument(call, target.parameters, name)
    return source_text.describe(node) if node is not None else ""
