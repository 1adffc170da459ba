"""The error codes that each cloud's preflight can report, by what its code reaches.

Takes the sources, gives places that raise codes: those of the functions that a cloud's `preflight` leads to, in its own
folder and in the kit. A method is reached by its name alone, in any class of those folders, so that rather too many
codes are found than too few.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tests.support import error_codes
from tests.support.error_codes import Raised
from tests.support.sources import Function, Source

_SHARED = ("cpi/kit/",)
_ANSWERS = (
    *("/wire/api.py", "/wire/refusals.py", "/wire/pipeline.py", "/wire/packages/"),
    *("/wire/sign_in_failures.py", "/kit/refusals.py", "/kit/refusal_rows.py", "/memory/faults.py"),
)
"""What speaks to the cloud: the codes of its refusals are those of the table by cloud."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A function and its file; `owner` is its class, "" for one of a module."""

    file: str
    owner: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """All functions by place; `origins` are the dotted names behind those that a package hands on."""

    functions: Mapping[_Place, Function]
    sources: Mapping[str, Source]
    origins: Mapping[str, str]

    def at(self, dotted: str) -> Iterator[_Place]:
        """A module's function, or the methods that making a value of a class calls."""
        module, _, name = self.origins.get(dotted, dotted).rpartition(".")
        file = module.replace(".", "/") + ".py"
        yield from (place for place in self.functions if place.file == file and place.name == name and not place.owner)
        made = (place for place in self.functions if place.file == file and place.owner == name)
        yield from (place for place in made if place.name in ("__init__", "__post_init__"))

    def methods(self, name: str) -> Iterator[_Place]:
        """Of any class."""
        yield from (place for place in self.functions if place.owner and place.name == name)


def reported(sources: Iterable[Source], cloud: str) -> tuple[Raised, ...]:
    """Every place whose code the cloud's preflight can report."""
    own = f"cpi/clouds/{cloud}/"
    near = {one.name: one for one in sources if one.name.startswith((own, *_SHARED))}
    near = {name: one for name, one in near.items() if not any(part in name for part in _ANSWERS)}
    known = _Known(functions=dict(_functions(near.values())), sources=near, origins=dict(_handed_on(near.values())))
    begin = [place for place in known.functions if place.name == "preflight" and place.file.startswith(own)]
    reached = _reached(begin, known)
    others = [one for one in sources if one.name.startswith("cpi/contract/")]
    found = error_codes.read_codes([*others, *(_without(one, reached) for one in near.values())])
    return tuple(one for one in found if one.place in near)


def _functions(sources: Iterable[Source]) -> Iterator[tuple[_Place, Function]]:
    for source in sources:
        for node in source.tree.body:
            if isinstance(node, Function):
                yield _Place(file=source.name, owner="", name=node.name), node
            for item in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(item, Function):
                    yield _Place(file=source.name, owner=getattr(node, "name", ""), name=item.name), item


def _handed_on(sources: Iterable[Source]) -> Iterator[tuple[str, str]]:
    for source in sources:
        if source.name.endswith("/__init__.py"):
            package = source.name.removesuffix("/__init__.py").replace("/", ".")
            yield from ((f"{package}.{name}", origin) for name, origin in _imported(source).items())


def _reached(begin: Iterable[_Place], known: _Known) -> set[_Place]:
    left, found = list(begin), set(begin)
    while left:
        place = left.pop()
        more = set(_named(place, known)) - found
        found |= more
        left += more
    return found


def _named(place: _Place, known: _Known) -> Iterator[_Place]:
    """What a function's body names: functions of modules, of its own file, and methods."""
    source = known.sources[place.file]
    module, imported = place.file.removesuffix(".py").replace("/", "."), _imported(source)
    for node in ast.walk(known.functions[place]):
        if isinstance(node, ast.Name):
            yield from known.at(imported.get(node.id, f"{module}.{node.id}"))
        elif isinstance(node, ast.Attribute):
            whole = isinstance(node.value, ast.Name) and imported.get(node.value.id)
            yield from known.at(f"{whole}.{node.attr}") if whole else known.methods(node.attr)


def _imported(source: Source) -> Mapping[str, str]:
    """The dotted name behind each imported name."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in source.nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _without(source: Source, reached: set[_Place]) -> Source:
    """The file with the functions that are reached, and all that is no function."""
    places = {(place.owner, place.name) for place in reached if place.file == source.name}
    body: list[ast.stmt] = []
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef):
            kept = [one for one in node.body if not isinstance(one, Function) or (node.name, one.name) in places]
            body.append(ast.ClassDef(**{**dict(ast.iter_fields(node)), "body": kept}))
        elif not isinstance(node, Function) or ("", node.name) in places:
            body.append(node)
    return replace(source, tree=ast.Module(body=body, type_ignores=[]))
