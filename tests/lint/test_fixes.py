"""A fix is a sentence: it begins with a capital letter, a backtick or a value, and has an end. So does a why begin.

`fix=` of every error and finding is read, and what functions and variables named after a fix hold; also `why=`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("cpi", "director")
_OF_A_FIX = re.compile(r"(^|_)(fix|suggestion|correction)$", re.IGNORECASE)
_ENDS = (".", "?", "`", "}")
_FIRST_WORDS = re.compile(r"^ +fix: [a-z]", re.MULTILINE)
_NAMES = re.compile(r"(compleat|bpm|pip|monit|docs/|[a-zA-Z]+[._A-Z])")
"""What is written as it is at the beginning of a sentence: programs, files, settings."""
_INSIDE_SENTENCES = {ROOT / "director/resolve/checks/unused.py"}
"""Whys that end a sentence, after a colon."""


def _fixes(tree: ast.Module) -> Iterator[ast.expr]:
    for each in ast.walk(tree):
        match each:
            case ast.Call(keywords=keywords):
                yield from (one.value for one in keywords if one.arg == "fix")
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _OF_A_FIX.search(name):
                yield value
            case ast.FunctionDef(name=name) if _OF_A_FIX.search(name):
                yield from (one.value for one in ast.walk(each) if isinstance(one, ast.Return) and one.value)


def _edges(text: ast.expr, *, is_first: bool) -> Iterator[tuple[int, str]]:
    """Line and literal at an edge of a text, of each of its alternatives; nothing where a value stands there."""
    match text:
        case ast.Constant(value=str(value)) if value:
            yield text.lineno, value
        case ast.JoinedStr(values=[*parts]) if parts:
            edge = parts[0] if is_first else parts[-1]
            if isinstance(edge, ast.Constant):
                yield from _edges(edge, is_first=is_first)
        case ast.BinOp(left=left, op=ast.Mod()):
            yield from _edges(left, is_first=is_first)
        case ast.BinOp(left=left, right=right):
            yield from _edges(left if is_first else right, is_first=is_first)
        case ast.BoolOp(values=values):
            yield from (found for one in values for found in _edges(one, is_first=is_first))
        case ast.IfExp(body=body, orelse=orelse):
            yield from (found for one in (body, orelse) for found in _edges(one, is_first=is_first))


def _faults(source: str) -> list[str]:
    fixes = list(_fixes(ast.parse(source)))
    first = [one for fix in fixes for one in _edges(fix, is_first=True)]
    last = [one for fix in fixes if not _is_named(source, fix) for one in _edges(fix, is_first=False)]
    return [
        *(f"{line}: begins with '{text[:20]}'" for line, text in first if text[0].islower()),
        *(f"{line}: ends with '{text[-20:]}'" for line, text in last if not text.endswith(_ENDS)),
    ]


def _is_named(source: str, fix: ast.expr) -> bool:
    """A variable may hold the first part of a fix."""
    line = source.splitlines()[fix.lineno - 1]
    return "fix=" not in line and re.match(r"\s*\w*fix = ", line, re.IGNORECASE) is not None


@pytest.mark.parametrize("room", ROOMS)
def test_a_fix_begins_with_a_capital_letter_and_ends_as_a_sentence(room: str) -> None:
    paths = sorted((ROOT / room).rglob("*.py"))
    found = [f"{path.relative_to(ROOT)}:{fault}" for path in paths for fault in _faults(path.read_text())]
    assert paths
    assert not found, "\n".join(found)


@pytest.mark.parametrize("room", ROOMS)
def test_a_why_begins_with_a_capital_letter_or_a_name(room: str) -> None:
    """What the guest on a VM reports is for logs: short, without sentences."""
    paths = {*(ROOT / room).rglob("*.py")} - {*(ROOT / "director/guest").rglob("*.py")} - _INSIDE_SENTENCES
    whys = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in sorted(paths)
        for why in _whys(ast.parse(path.read_text()))
        for line, text in _edges(why, is_first=True)
        if text[0].islower() and not _NAMES.match(text)
    ]
    assert paths
    assert not whys, "\n".join(whys)


def _whys(tree: ast.Module) -> Iterator[ast.expr]:
    for each in ast.walk(tree):
        match each:
            case ast.Call(keywords=keywords):
                yield from (one.value for one in keywords if one.arg == "why")
            case ast.Assign(targets=[ast.Name(id="why")], value=value):
                yield value


def test_a_fix_that_tests_expect_begins_with_a_capital_letter() -> None:
    cases = sorted((ROOT / "tests" / "cases").rglob("*.txt"))
    assert cases
    assert [str(case) for case in cases if _FIRST_WORDS.search(case.read_text())] == []


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ('e(fix="remove it.")', ["1: begins with 'remove it.'"]),
        ('e(fix="Remove it")', ["1: ends with 'Remove it'"]),
        ('e(fix=f"did you mean \'{x}\'?" if x else "Name one.")', ["1: begins with 'did you mean ''"]),
        ('e(fix="check %s" % x)', ["1: begins with 'check %s'", "1: ends with 'check %s'"]),
        ('def _fix():\n    return "set it."', ["2: begins with 'set it.'"]),
        ('_FIX = "set it, or"', ["1: begins with 'set it, or'"]),
        ('e(fix=f"{x}, or else.")\ne(fix="`compleat up`")', []),
    ],
)
def test_a_fix_that_is_no_sentence_is_found(source: str, faults: list[str]) -> None:
    assert _faults(source) == faults
