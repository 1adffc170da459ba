"""The house measures: sizes, shapes and habits that no review should have to count."""

import ast
import io
import tokenize
from collections.abc import Callable
from pathlib import Path

from tests.support.sources import Function, Source

ROOT = Path(__file__).parents[2]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
MAX_PARAMETERS = 5
MAX_POSITIONAL = 3
MAX_NESTING = 3
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "base", "core", "manager", "handler", "processor", "service"}
DOORS = {"director/cli/main.py", "director/edge/machine/threads.py", "cpi/serve/server.py"}
THREADS = "director/edge/machine/threads.py"
THREAD_MAKERS = {"Thread", "Timer", "ThreadPoolExecutor", "start_new_thread", "to_thread", "run_in_executor"}

OF_SSH = {"SshAddress", "SshTarget", "ssh_target"}
"""What belongs to one way to reach agents."""

VALUE_CLASSES = "cpi/contract/value_classes.py"

CPI_LOG = "cpi/serve/log.py"
TERMINALS = {"print", "input", "sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"}

KNOWN_TO = {
    "fcntl": {"machine/file_locks.py"},
    "sqlite3": {
        "state/sqlite.py",
        "state/sqlite_schema.py",
        "state/sqlite_snapshot.py",
        "state/newest_schema.py",
        "state/sql_upgrade.py",
        "secrets/sealed_rows.py",
    },
}
"""What belongs to one kind of database or lock, and the files of the outside that may know it."""

PRESCRIBED = {
    ("cpi/contract/errors.py", "__init__"),  # an error's own word beside the five that all errors have
    ("director/errors.py", "__init__"),
}
"""Functions whose shape the outside prescribes."""

ONE_IN_EACH_CLOUD = {
    *("Api", "Attachments", "Lookups", "PlanChecks", "Uploads"),
    *("DiskProperties", "NetworkProperties", "StemcellProperties", "VipProperties", "VmProperties"),
}
"""Class names that stand once in each cloud, for the same part of it: they are read as `aws.DiskProperties`."""


def test_the_sources_are_found(sources: tuple[Source, ...]) -> None:
    assert {"cpi/contract/cloud.py", "director/execute/loop.py"} <= {source.name for source in sources}


def test_a_file_has_at_most_400_lines(sources: tuple[Source, ...]) -> None:
    tests = {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "tests").rglob("*.py")}
    lengths = {name: len(text.splitlines()) for name, text in (tests | {s.name: s.text for s in sources}).items()}
    assert {name: length for name, length in lengths.items() if length > MAX_FILE_LINES} == {}


def test_a_function_has_at_most_40_code_lines(sources: tuple[Source, ...]) -> None:
    assert _measured(sources, _too_long) == {}


def test_a_function_has_at_most_5_parameters_and_3_positional(sources: tuple[Source, ...]) -> None:
    def is_broad(source: Source, function: Function) -> bool:
        is_free = (source.name, function.name) in PRESCRIBED
        return not is_free and (_parameters(function) > MAX_PARAMETERS or _positional(function) > MAX_POSITIONAL)

    assert _measured(sources, is_broad) == {}


def test_nesting_is_at_most_3(sources: tuple[Source, ...]) -> None:
    assert _measured(sources, lambda _, function: _depth(function) > MAX_NESTING) == {}


def test_every_module_says_its_purpose(sources: tuple[Source, ...]) -> None:
    assert [source.name for source in sources if not ast.get_docstring(source.tree)] == []


def test_no_file_has_a_name_that_says_nothing(sources: tuple[Source, ...]) -> None:
    assert [source.name for source in sources if Path(source.name).stem in FORBIDDEN_NAMES] == []


def test_a_class_name_stands_once(sources: tuple[Source, ...]) -> None:
    """One concept, one word. The same part of each cloud has the same name, once in each."""
    places: dict[str, list[str]] = {}
    for source in sources:
        cloud = source.name.split("/")[2] if source.name.startswith("cpi/clouds/") else ""
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                place = cloud if node.name in ONE_IN_EACH_CLOUD and cloud else source.name
                places.setdefault(node.name if place != cloud else f"{cloud}: {node.name}", []).append(source.name)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_nothing_is_imported_inside_a_function(sources: tuple[Source, ...]) -> None:
    def imports(_: Source, function: Function) -> bool:
        return any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))

    assert _measured(sources, imports) == {}


def test_only_the_two_doors_catch_everything(sources: tuple[Source, ...]) -> None:
    """Programs of their own, in VMs and namespaces, are free: their outermost loop is their door."""
    guarded = [s for s in sources if s.name not in DOORS and not {"guest", "inside"} & set(Path(s.name).parts)]
    broad = {
        f"{source.name}:{node.lineno}"
        for source in guarded
        for node in source.nodes
        if isinstance(node, ast.ExceptHandler) and _names_everything(node.type)
    }
    assert broad == set()


def test_threads_begin_in_one_place_which_loses_no_exception(sources: tuple[Source, ...]) -> None:
    """Programs of their own, in VMs and namespaces, guard theirs themselves."""
    ours = [s for s in sources if s.name != THREADS and not {"guest", "inside"} & set(Path(s.name).parts)]
    begun = {
        f"{source.name}:{node.lineno}"
        for source in ours
        for node in source.nodes
        if isinstance(node, ast.Attribute | ast.Name) and _name_of(node) in THREAD_MAKERS
    }
    assert begun == set()


def test_cpi_writes_to_a_terminal_in_one_place(sources: tuple[Source, ...]) -> None:
    """A plugin reports to the Progress of its ConnectSettings. Programs of their own print their own logs."""
    written = {
        f"{source.name}:{node.lineno}"
        for source in sources
        if source.name.startswith("cpi/") and source.name != CPI_LOG and "inside" not in Path(source.name).parts
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute | ast.Name) and ast.unparse(node) in TERMINALS
    }
    assert written == set()


def test_the_database_and_its_locks_are_known_to_their_own_files_alone(sources: tuple[Source, ...]) -> None:
    """Another database replaces these files, and what they hold never spreads to the rest of the store."""
    found: dict[str, set[str]] = {name: set() for name in KNOWN_TO}
    for source in sources:
        for name in found.keys() & _imported(source) if _is_director(source) else ():
            found[name].add(source.name.removeprefix("director/edge/"))
    assert found == KNOWN_TO


def test_no_room_but_edge_looks_at_the_kind_of_an_address(sources: tuple[Source, ...]) -> None:
    """Other rooms hand targets on; model/ defines what they are, and how a person reaches a jumpbox."""
    apart = {"edge", "model", "guest"}
    looking = {
        source.name: names
        for source in sources
        if source.name.startswith("director/") and source.name.split("/")[1] not in apart
        if (names := OF_SSH & {node.id for node in source.nodes if isinstance(node, ast.Name)})
    }
    assert looking == {}


def test_dataclasses_are_those_of_value_classes(sources: tuple[Source, ...]) -> None:
    """`from cpi.contract.value_classes import dataclass` makes a class faster. What runs on VMs has no cpi."""
    apart = {"guest", "monit", "inside"}
    standard = {
        source.name
        for source in sources
        if source.name != VALUE_CLASSES and not apart & set(Path(source.name).parts)
        for node in source.nodes
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses"
        if "dataclass" in {alias.name for alias in node.names}
    }
    assert standard == set()


def _is_director(source: Source) -> bool:
    return source.name.startswith("director/") and not source.name.startswith("director/guest/")


def _imported(source: Source) -> set[str]:
    nodes = list(ast.walk(source.tree))
    whole = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return whole | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def _name_of(node: ast.Attribute | ast.Name) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id


def _measured(sources: tuple[Source, ...], is_wrong: Callable[[Source, Function], bool]) -> dict[str, str]:
    """What is wrong: place to the function's name."""
    return {
        f"{source.name}:{function.lineno}": function.name
        for source in sources
        for function in source.functions
        if is_wrong(source, function)
    }


def _too_long(source: Source, function: Function) -> bool:
    lines = _lines(function)
    return len(lines) > MAX_FUNCTION_LINES and len(lines & _code_lines(source)) > MAX_FUNCTION_LINES


def _names_everything(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Name) and node.id in {"Exception", "BaseException"})


def _code_lines(source: Source) -> set[int]:
    """Lines that hold code: no blank ones, comments or docstrings."""
    lines: set[int] = set()
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    docs = _docstring_lines(source)
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type not in skipped:
            lines.update(set(range(token.start[0], token.end[0] + 1)) - docs)
    return lines


def _docstring_lines(source: Source) -> set[int]:
    lines: set[int] = set()
    for node in source.nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def _lines(function: Function) -> set[int]:
    first = function.body[0].lineno
    return set(range(first, (function.end_lineno or first) + 1))


def _parameters(function: Function) -> int:
    return _positional(function) + len(function.args.kwonlyargs)


def _positional(function: Function) -> int:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len([name for name in names if name not in {"self", "cls"}])


def _depth(function: Function) -> int:
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
