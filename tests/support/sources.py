"""The files of the tree, each read and parsed once for all checks of a run.

Takes the root, gives Sources in order of their paths.
"""

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A Python file. `name` is its path from the root; `nodes` is the whole tree, walked."""

    name: str
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]
    functions: tuple[Function, ...]


@functools.cache
def read_sources(root: Path) -> tuple[Source, ...]:
    """All of `cpi` and `director`."""
    return tuple(_read(root, path) for part in ("cpi", "director") for path in sorted((root / part).rglob("*.py")))


def _read(root: Path, path: Path) -> Source:
    text = path.read_text()
    tree = ast.parse(text)
    nodes = tuple(ast.walk(tree))
    functions = tuple(node for node in nodes if isinstance(node, Function))
    return Source(name=str(path.relative_to(root)), text=text, tree=tree, nodes=nodes, functions=functions)
