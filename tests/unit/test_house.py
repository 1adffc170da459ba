"""The house measures: sizes, shapes and habits that no review should have to count."""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
MAX_PARAMETERS = 5
MAX_POSITIONAL = 3
MAX_NESTING = 3
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "base", "core", "manager", "handler", "processor", "service"}
CLOUD_CLASSES = {"Cloud"}

SOURCES = sorted([*(ROOT / "cpi").rglob("*.py"), *(ROOT / "director").rglob("*.py")])
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def _names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.fixture(params=SOURCES, ids=_names(SOURCES))
def source(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=_names([*SOURCES, *TESTS]))
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_FILE_LINES


def test_a_function_has_at_most_40_code_lines(source: Path) -> None:
    text = source.read_text()
    code = _code_lines(text)
    long = {
        function.name: length
        for function in _functions(text)
        if (length := _length(function, code)) > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_a_function_has_at_most_5_parameters_and_3_positional(source: Path) -> None:
    broad = {
        function.name
        for function in _functions(source.read_text())
        if _parameters(function) > MAX_PARAMETERS or _positional(function) > MAX_POSITIONAL
    }
    assert broad == set() or broad <= _protocol_words(source)


def test_nesting_is_at_most_3(source: Path) -> None:
    deep = {f.name: depth for f in _functions(source.read_text()) if (depth := _depth(f)) > MAX_NESTING}
    assert deep == {}


def test_every_module_says_its_purpose(source: Path) -> None:
    assert ast.get_docstring(ast.parse(source.read_text()))


def test_no_file_has_a_name_that_says_nothing(source: Path) -> None:
    assert source.stem not in FORBIDDEN_NAMES


def test_nothing_is_imported_inside_a_function(source: Path) -> None:
    inner = [
        node.lineno
        for function in _functions(source.read_text())
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inner == []


def test_only_the_two_doors_catch_everything(source: Path) -> None:
    if str(source.relative_to(ROOT)) in {"director/cli/main.py", "director/execute/loop.py"}:
        return
    if "guest" in source.parts or "inside" in source.parts:
        return  # programs of their own: their outermost loop is their door
    broad = [
        node.lineno
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.ExceptHandler) and _names_everything(node.type)
    ]
    assert broad == []


def _names_everything(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Name) and node.id in {"Exception", "BaseException"})


def _functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _code_lines(text: str) -> set[int]:
    """Lines that hold code: no blank ones, comments or docstrings."""
    lines: set[int] = set()
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    docs = _docstring_lines(text)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in skipped:
            lines.update(set(range(token.start[0], token.end[0] + 1)) - docs)
    return lines


def _docstring_lines(text: str) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef, code: set[int]) -> int:
    first = function.body[0].lineno
    return len(code & set(range(first, (function.end_lineno or first) + 1)))


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return _positional(function) + len(function.args.kwonlyargs)


def _positional(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len([name for name in names if name not in {"self", "cls"}])


def _protocol_words(source: Path) -> set[str]:
    """Functions whose shape the outside prescribes: system calls, callbacks of libraries, BOSH's own verbs."""
    allowed = {
        "cpi/errors.py": {"__init__"},  # an error's own word beside the five that all errors have
        "director/errors.py": {"__init__"},
    }
    return allowed.get(str(source.relative_to(ROOT)), set())


def _depth(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return max((_node_depth(node) for node in function.body), default=0)


def _node_depth(node: ast.AST) -> int:
    blocks = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return 0
    own = 1 if isinstance(node, blocks) else 0
    deepest = 0
    for child in ast.iter_child_nodes(node):
        is_elif = isinstance(node, ast.If) and node.orelse == [child] and isinstance(child, ast.If)
        deepest = max(deepest, _node_depth(child) - (1 if is_elif else 0))
    return own + deepest
