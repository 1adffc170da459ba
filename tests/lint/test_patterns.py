"""No text costs more than linear time: every pattern of the project against 100 KiB of its worst text."""

import ast
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest

from director.releases import globs
from tests.support import slow_texts, sources
from tests.support.sources import Source

_CALLS = ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")
_SMALL, _LARGE = 10 << 10, 100 << 10
_TOO_LONG_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A pattern of a source file, and how it is used there ("search", "fullmatch", ...)."""

    where: str
    pattern: str
    flags: int
    use: str


def _used(source: Source) -> Iterator[Used]:
    named: dict[str, tuple[str, int]] = {}
    for node in source.nodes:
        if isinstance(node, ast.Assign) and _is_re(node.value, ("compile",)) and isinstance(node.targets[0], ast.Name):
            assert isinstance(node.value, ast.Call)
            named[node.targets[0].id] = _literal(node.value)
    where = source.name
    for node in source.nodes:
        if _is_re(node, _CALLS):
            assert isinstance(node, ast.Call)
            assert isinstance(node.func, ast.Attribute)
            pattern, flags = _literal(node)
            yield Used(where=where, pattern=pattern, flags=flags, use=node.func.attr)
    for name, (pattern, flags) in named.items():
        for use in _uses(source, name) or {"search", "fullmatch"}:
            yield Used(where=f"{where}:{name}", pattern=pattern, flags=flags, use=use)


def _is_re(node: ast.AST, calls: Sequence[str]) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr in calls) == ("re", True)
        and isinstance(node.args[0], ast.Constant)
    )


def _literal(call: ast.Call) -> tuple[str, int]:
    """The pattern's text and its flags."""
    assert isinstance(call.args[0], ast.Constant)
    words = {
        node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    flags = [
        getattr(re, word) for word in words if word.isupper() and isinstance(getattr(re, word, None), re.RegexFlag)
    ]
    return str(call.args[0].value), sum(flags)


def _uses(source: Source, name: str) -> set[str]:
    return {
        node.attr
        for node in source.nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and node.attr in _CALLS
    }


SOURCES = sources.read_sources(Path(__file__).parents[2])
WITH_RE = tuple(source for source in SOURCES if "import re\n" in source.text)
FOUND = sorted(
    (used for source in WITH_RE for used in _used(source)),
    key=lambda used: (used.where, used.pattern, used.use),
)


def test_every_pattern_of_the_sources_is_found_or_known() -> None:
    """No source has `re` by another name. What is built at run time is listed here; globs have a test of their own."""
    calls = [
        source.name
        for source in WITH_RE
        for node in source.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr in (*_CALLS, "compile")) == ("re", True)
        and not isinstance(node.args[0], ast.Constant)
    ]
    assert [each.name for each in SOURCES if "from re import" in each.text or "import re as" in each.text] == []
    assert sorted(calls) == [
        "cpi/clouds/azure/wire/sign_in_failures.py",
        "cpi/kit/refusals.py",
        *("director/guest/system/processes.py", "director/monit/reading.py"),
        "director/releases/globs.py",
        "director/report/redact.py",
        *("director/text/forms/patterns.py", "director/text/forms/patterns.py"),
    ]
    assert {"director/text/variables/placeholders.py:_PLACEHOLDER"} <= {used.where for used in FOUND}


@pytest.mark.parametrize("used", FOUND, ids=lambda used: f"{used.where}-{used.use}")
def test_a_pattern_takes_time_in_proportion_to_its_text(used: Used) -> None:
    compiled = re.compile(used.pattern, used.flags)

    def run(text: str) -> object:
        if used.use == "sub":
            return compiled.sub("", text)
        found = getattr(compiled, used.use)(text)
        return sum(1 for _ in found) if used.use == "finditer" else found

    _demand_linear(run, lambda size: slow_texts.slow_texts(used.pattern, used.flags, size))


@pytest.mark.parametrize("glob", ["**/*", "a*a*a*b", "**/**/**/x", "{a,aa}*{a,aa}*x", "[a-z]*[a-z]*[!a]", "*?*?*?z"])
def test_a_glob_takes_time_in_proportion_to_a_path(glob: str) -> None:
    pattern = globs.read_glob(glob)
    _demand_linear(pattern.match, lambda size: ("a" * size, "a/" * (size // 2), "a/a" * (size // 3) + "y"))


def _demand_linear(run: Callable[[str], object], texts: Callable[[int], Iterator[str] | Sequence[str]]) -> None:
    """Ten times the text may take some ten times as long; what is over in 200 ms is not looked at closer."""
    small = list(texts(_SMALL))
    for number, large in enumerate(texts(_LARGE)):
        long_s = _seconds(run, large)
        if long_s >= 0.2:  # time of others is counted as ours now and then: the least of three is the text's own
            long_s = min(long_s, _seconds(run, large), _seconds(run, large))
        assert long_s < 0.2 or long_s < 40 * _seconds(run, small[number]), (large[:40], large[-5:], long_s)


def _seconds(run: Callable[[str], object], text: str) -> float:
    """CPU seconds; ends what takes too long, as patterns look for signals now and then."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"no end within {_TOO_LONG_S} s on {len(text)} characters: {text[:40]!r}...{text[-5:]!r}")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _TOO_LONG_S)
    try:
        began = time.process_time()
        run(text)
        return time.process_time() - began
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
