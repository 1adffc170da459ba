"""The guest runs on a stock image: Python 3.8, the standard library, no other compleat code."""

import ast
import sys

import pytest

from director.edge.agents import guest_bundle
from tests.lint.conftest import ROOT
from tests.support.sources import Source

NEWER_THAN_3_8 = {
    "removeprefix",
    "removesuffix",
    "pidfd_open",
    "to_thread",
    "walk_packages",
    "pairwise",
    "is_relative_to",
}


@pytest.fixture(scope="module")
def guest(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """What is sent to each VM."""
    sent = {str(path.relative_to(ROOT)) for path in guest_bundle.guest_sources(guest_bundle.guest_folder())}
    found = tuple(source for source in sources if source.name in sent)
    assert {source.name for source in found} == sent
    return found


def test_every_module_is_python_3_8(guest: tuple[Source, ...]) -> None:
    newer = []
    for source in guest:
        ast.parse(source.text, filename=source.name, feature_version=(3, 8))
        newer += [
            f"{source.name}:{node.lineno}: {node.attr}"
            for node in source.nodes
            if isinstance(node, ast.Attribute) and node.attr in NEWER_THAN_3_8
        ]
    assert newer == []


def test_every_module_imports_the_standard_library_and_the_guest_alone(guest: tuple[Source, ...]) -> None:
    assert [f"{source.name}: {name}" for source in guest for name in _imports(source) if not _is_allowed(name)] == []


def test_no_builtin_collection_is_subscripted_where_python_3_8_would_run_it(guest: tuple[Source, ...]) -> None:
    """`list[str]` in an annotation is text there; at run time it is a TypeError before Python 3.9."""
    assert [f"{source.name}:{line}" for source in guest for line in _generic(source)] == []


def _generic(source: Source) -> list[int]:
    annotations = {id(inner) for node in _annotations(source) for inner in ast.walk(node)}
    return [
        node.lineno
        for node in source.nodes
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"list", "dict", "tuple", "set", "frozenset", "type"}
        and id(node) not in annotations
    ]


def _annotations(source: Source) -> list[ast.expr]:
    found: list[ast.expr | None] = []
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef):
            found.append(node.returns)
            found += [argument.annotation for argument in [*node.args.args, *node.args.kwonlyargs]]
        elif isinstance(node, ast.AnnAssign):
            found.append(node.annotation)
    return [node for node in found if node is not None]


def _imports(source: Source) -> list[str]:
    names: list[str] = []
    for node in source.nodes:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return names


def _is_allowed(name: str) -> bool:
    return name.split(".")[0] in sys.stdlib_module_names or name.startswith(("director.guest", "director.monit"))
