"""Foreign text cannot move the cursor, set a title, or pass for our own output."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpi.contract.errors import ExplainedError
from director.errors import ActionFailedError
from director.model.report import ErrandResult, Table
from director.model.tasks.events import Event, Happening
from director.report import cleaning, ending, error_text, progress, tables

FORGED = "y\r\n  fix: rm -rf /\x1b]52;c;cm0=\x07\x1b[2J\x9b31m\u202e"


def _is_plain(text: str) -> bool:
    return all(character == "\t" or character.isprintable() or character in "\xa0\u3000" for character in text)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]52;c;cm0=\x1b\\text", "text"),
        ("\x1b]0;no end", ""),
        ("a\x07b\x00c\x7f\x9b", "a\\x07b\\x00c\\x7f\\x9b"),
        ("left\u202eright", "left\\u202eright"),
        ("tab\there, \u00fcml\u00e4ut \u2713 \U0001f600", "tab\there, \u00fcml\u00e4ut \u2713 \U0001f600"),
        ("two\nlines", "two\\x0alines"),
    ],
)
def test_escape_sequences_go_and_control_characters_are_shown(said: str, shown: str) -> None:
    assert cleaning.clean_line(said) == shown


@given(st.text(st.sampled_from("\x1b[]\\0;m\x07\r\nab:\x9b\u202e\x90"), max_size=60))
def test_whatever_is_said_a_line_is_plain(text: str) -> None:
    assert _is_plain(cleaning.clean_line(text))


def test_a_long_line_is_cut_and_says_so() -> None:
    line = cleaning.clean_line("x" * 9000)
    assert line == "x" * cleaning.LONGEST + " ... (5000 more characters)"


@pytest.mark.parametrize("worst", ["\x1b", "\x1b[", "\x1b]", "\x1b[0", "\x1bP\x1b]", "\x1b \x1b"])
def test_the_worst_text_takes_linear_time(worst: str) -> None:
    text, began = worst * (102400 // len(worst)), time.perf_counter()
    cleaning.clean_line(text, longest=len(text))
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize("kind", [ExplainedError, ActionFailedError])
@pytest.mark.parametrize("field", ["what", "why", "fix", "where"])
def test_no_field_of_an_error_can_forge_a_line(kind: type[ExplainedError], field: str) -> None:
    words = {"what": "W", field: FORGED}
    lines = error_text.error_lines(kind("a-code", words.pop("what"), **words))
    assert [line for line in lines if line.startswith("  fix:")] == (["  fix: y"] if field == "fix" else [])
    assert [
        line for line in lines if "rm -rf" in line and not line.startswith("    |   fix: rm -rf /\\x9b31m\\u202e")
    ] == []
    assert all(map(_is_plain, lines))


def test_a_list_of_ours_stays_as_it_is() -> None:
    lines = error_text.error_lines(ExplainedError("a-code", "- Expected to find variables:\n    - pw\n    - user"))
    assert lines == ("a-code: - Expected to find variables:", "    - pw", "    - user")


def test_progress_output_and_tables_are_one_plain_line_each() -> None:
    event = Event(at=0.0, happening=Happening.FAILED, subject="web/0", kind="start", text=FORGED)
    errand = ErrandResult(errand="e", instance="web/0", exit_code=0, stdout=FORGED, stderr="")
    table = Table(name="rows", columns=("a", "b"), rows=({"a": FORGED, "b": [FORGED]},), empty="")
    assert _is_plain(progress.event_line(event))
    assert ending.errand_lines(errand)[1:] == ("  | y", "  |   fix: rm -rf /\\x9b31m\\u202e")
    assert len(tables.table_lines(table)) == 4
    assert all(map(_is_plain, (*ending.errand_lines(errand), *tables.table_lines(table))))
