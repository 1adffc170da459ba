"""The guest runs on a stock image: Python 3.8, the standard library, no other compleat code."""

import ast
import sys
from pathlib import Path

import pytest

from director.edge.agents import guest_bundle

SOURCES = guest_bundle.guest_sources(guest_bundle.guest_folder())
NEWER_THAN_3_8 = {
    "removeprefix",
    "removesuffix",
    "pidfd_open",
    "to_thread",
    "walk_packages",
    "pairwise",
    "is_relative_to",
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_module_is_python_3_8(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 8))
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert attributes & NEWER_THAN_3_8 == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_module_imports_the_standard_library_and_the_guest_alone(path: Path) -> None:
    assert [name for name in _imports(path) if not _is_allowed(name)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_builtin_collection_is_subscripted_where_python_3_8_would_run_it(path: Path) -> None:
    """`list[str]` in an annotation is text there; at run time it is a TypeError before Python 3.9."""
    tree = ast.parse(path.read_text())
    annotations = {id(inner) for node in _annotations(tree) for inner in ast.walk(node)}
    generic = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"list", "dict", "tuple", "set", "frozenset", "type"}
        and id(node) not in annotations
    ]
    assert generic == []


def _annotations(tree: ast.AST) -> list[ast.expr]:
    found: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            found.append(node.returns)
            found += [argument.annotation for argument in [*node.args.args, *node.args.kwonlyargs]]
        elif isinstance(node, ast.AnnAssign):
            found.append(node.annotation)
    return [node for node in found if node is not None]


def _imports(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return names


def _is_allowed(name: str) -> bool:
    return name.split(".")[0] in sys.stdlib_module_names or name.startswith(("director.guest", "director.monit"))
