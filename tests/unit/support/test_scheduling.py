"""Units of tests are what tests/scheduling.py says, and its names are those of tests."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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


def test_each_file_is_in_one_part_and_parts_take_about_the_same_time() -> None:
    seconds = json.loads(scheduling.SECONDS.read_text())
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests/unit").rglob("test_*.py")}
    first, second = scheduling.share_out(files, 2)
    assert first | second == files
    assert not first & second
    assert abs(sum(seconds.get(file, 0) for file in first) - sum(seconds.get(file, 0) for file in second)) < 1


@pytest.mark.parametrize(("planted", "code"), [({"a": "", "b": ""}, 0), ({"a": "", "b": "assert False"}, 1), ({}, 5)])
def test_each_test_runs_once_and_one_that_fails_fails_all(tmp_path: Path, planted: dict[str, str], code: int) -> None:
    for name, body in planted.items():
        file = tmp_path / f"test_{name}.py"
        file.write_text(f"def test_{name}(tmp_path):\n    open({str(tmp_path / name)!r}, 'x')\n    {body or 'pass'}\n")
    command = [sys.executable, "-m", "tests.parts", "2", "-p", "tests.conftest", "-c", os.devnull, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout
    assert {path.name for path in tmp_path.iterdir() if path.name in {"a", "b"}} == set(planted)
    assert done.stdout.count("passed" if code == 0 else "1 failed") == {0: 2, 1: 1, 5: 0}[code]


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
