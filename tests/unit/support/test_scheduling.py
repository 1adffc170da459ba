"""Units of tests are what tests/scheduling.py says, and its names are those of tests."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from tests import scheduling

ROOT = Path(__file__).parents[3]
_NAMED = {*scheduling.TOGETHER, *scheduling.APART, *scheduling.BY_PARAMETER}


def test_a_unit_is_a_file_a_test_a_parameter_or_files_that_share_a_fixture() -> None:
    platforms = "tests/e2e/clouds/test_platform.py"
    units = {
        "tests/unit/test_a.py::test_b[c]": "tests/unit/test_a.py",
        "tests/e2e/test_docs.py::test_a_page[x]": "tests/e2e/test_docs.py::test_a_page[x]",
        "tests/e2e/test_docs.py::test_logs_are_followed_until_ctrl_c": scheduling.PLATFORM,
        "tests/e2e/test_json.py::test_a": scheduling.PLATFORM,
        f"{platforms}::test_up[aws]": f"{platforms}[aws]",
        f"{platforms}::test_up[azure-more]": f"{platforms}[azure]",
    }
    assert {test: scheduling.unit_of(test) for test in units} == units


def test_every_name_of_the_tables_is_that_of_a_file_or_a_test() -> None:
    assert [name for name in _NAMED if not _exists(name)] == []


def test_all_tests_that_use_the_platform_are_its_unit() -> None:
    """Otherwise two processes would bring it up."""
    users = [test for file in sorted((ROOT / "tests/e2e").glob("test_*.py")) for test in _users("platform", file)]
    assert len(users) > 20
    assert [test for test in users if scheduling.unit_of(test) != scheduling.PLATFORM] == []


def test_recorded_seconds_are_those_of_tests_that_exist() -> None:
    recorded = json.loads(scheduling.SECONDS.read_text())
    paths = {unit.partition("::")[0].partition("[")[0] for unit in recorded} - {scheduling.PLATFORM.partition("::")[0]}
    assert [path for path in sorted(paths) if not (ROOT / path).is_file()] == []


def _exists(name: str) -> bool:
    path, _, test = name.partition("::")
    return f"def {test}" in (ROOT / path).read_text() if (ROOT / path).is_file() else False


def _users(fixture: str, file: Path) -> Iterator[str]:
    """Tests of a file that take a fixture, or one of the file's own that takes it."""
    functions = [node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)]
    taking = {fixture}
    for function in functions:
        if taking & {each.arg for each in function.args.args}:
            taking.add(function.name)
    path = file.relative_to(ROOT)
    yield from (f"{path}::{name}" for name in sorted(taking) if name.startswith("test_"))
