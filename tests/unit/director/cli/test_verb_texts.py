"""What each command prints is compared whole by some test."""

import re

import pytest

from tests.e2e.test_docs import NO_OCCASION
from tests.support import command_pages, verb_texts
from tests.support.command import ROOT

_NAMES = {name for name, _ in command_pages.commands()}
_DOCUMENTS = {"completion", "cpi", "template-format"}
_FILES = {path.stem for path in verb_texts.CASES.glob("*.txt")}


def test_every_command_has_its_text_or_another_test_of_it() -> None:
    typed_as_examples = _NAMES - NO_OCCASION - set(verb_texts.ELSEWHERE)
    wanted = typed_as_examples | set(verb_texts.CHECKED_IN)
    assert {name.replace(" ", "-") for name in wanted} == _FILES
    assert _NAMES - wanted == set(verb_texts.ELSEWHERE)


@pytest.mark.parametrize("name", verb_texts.CHECKED_IN)
def test_a_text_that_is_checked_elsewhere_is_checked_there(name: str) -> None:
    text = (ROOT / verb_texts.CHECKED_IN[name]).read_text()
    assert re.search(rf'verb_texts\.check\([^;]{{1,160}}"{name}"', text)


def test_the_tests_of_other_texts_exist() -> None:
    assert [path for path in verb_texts.ELSEWHERE.values() if not (ROOT / path).is_file()] == []


def test_the_texts_of_the_page_about_output_are_printed() -> None:
    """Each line below a comment that names a file is in that file, in any order; all of them, where it is whole."""
    page = (ROOT / "docs/howto/read-the-output.md").read_text()
    blocks = re.findall(
        r"<!-- as in (tests/cases/verbs/\S+?\.txt)(, its \w+)? -->\n```text\n(.*?)^```", page, re.S | re.M
    )
    assert len(blocks) == 4
    for path, part, text in blocks:
        places = {
            "/home/you/.compleat": "{HOME}",
            "'local' on": "'{ENV}' on",
            "environments/local/": "environments/{ENV}/",
        }
        places |= {"Environment 'local'": "Environment '{ENV}'", "environment 'local'": "environment '{ENV}'"}
        shown = _lines(verb_texts.compared("", text, {**places, "-e local": "-e {ENV}"}))
        printed = _lines((ROOT / path).read_text())
        assert [line for line in shown if line not in printed] == []
        assert part or [line for line in printed if line not in shown] == []


def _lines(text: str) -> list[str]:
    """Without what is typed and without times."""
    return [line.removeprefix("{CLOCK}  ") for line in text.splitlines() if not line.startswith("$ ")]


def test_lines_fit_a_terminal_where_they_can() -> None:
    """Rows of tables off a terminal, remarks, paths, and commands to copy may be longer."""
    long = [
        (path.stem, line)
        for path in sorted(verb_texts.CASES.glob("*.txt"))
        if path.stem not in _DOCUMENTS
        for line in path.read_text().splitlines()
        if len(line) > 80 and not _may_be_long(line)
    ]
    assert long == []


def _may_be_long(line: str) -> bool:
    return line.startswith(("$ ", "remark: ")) or "  " in line.strip() or "{" in line
