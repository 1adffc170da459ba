"""Texts of a fixed form: an error describes the form, and never quotes a regular expression."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from director.model.written import patterns
from director.model.written.bundle import Bundle
from director.model.written.environment_file import EnvironmentFile
from director.model.written.kinds import Piece
from director.text import validate
from tests.unit.director.text import texts

ROOT = Path(__file__).parents[4]


def _of_fields(room: str) -> Iterator[tuple[str, str]]:
    """Where a field has a pattern, and how the pattern is written there."""
    for path in sorted((ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Field":
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield from ((place, ast.unparse(each.value)) for each in node.keywords if each.arg == "pattern")


def test_each_pattern_of_a_written_document_has_words() -> None:
    found = [(place, name) for place, name in _of_fields("director/model/written")]
    assert len(found) >= 9
    assert [
        each for each in found if getattr(patterns, each[1].removeprefix("patterns."), "") not in patterns.WORDS
    ] == []


def test_no_setting_of_a_cloud_has_a_pattern_without_words() -> None:
    assert list(_of_fields("cpi")) == []


@pytest.mark.parametrize(
    ("text", "model", "what", "why"),
    [
        (
            "name: a\nends: soon\n",
            EnvironmentFile,
            "'/ends/at' must be a span such as `90min`, `8h` or `2d`, or a moment such as `2030-01-31T18:00:00Z`.",
            "It is 'soon'.",
        ),
        ("name: a\nssh_keys: [x]\n", EnvironmentFile, "'/ssh_keys/0' must be an OpenSSH public key,", "It is 'x'."),
        (
            "name: a\npreflight_limit_s: 0\n",
            EnvironmentFile,
            "'/preflight_limit_s' must be greater than 0.",
            "It is 0.",
        ),
        ("name: a\npreflight_limit_s: 4e3\n", EnvironmentFile, "'/preflight_limit_s' must be at most 3600.", "It is 4"),
        ("name: a\npreflight_limit_s: x\n", EnvironmentFile, "'/preflight_limit_s' must be a number.", "It is 'x'."),
        (
            "name: b\ndeployments: [{manifest: m}]\nsources: [{name: x, version: 1, url: u, files: {../a: d}}]\n",
            Bundle,
            "Each key of '/sources/name=x/files' must be a relative path",
            "One is '../a'.",
        ),
        (
            "name: b\ndeployments: [{manifest: m}]\nsources: [{name: x, version: 1, url: u, files: {}}]\n",
            Bundle,
            "'/sources/name=x/files' must be a map that is not empty.",
            "It is empty.",
        ),
    ],
)
def test_an_error_has_the_form_in_words(text: str, model: type[Piece], what: str, why: str) -> None:
    (fault,) = validate.check_document(texts.document(text), model).problems
    assert (fault.what[: len(what)], fault.why[: len(why)]) == (what, why)
