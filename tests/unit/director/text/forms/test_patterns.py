"""Patterns of others are used only if no text can make them slow."""

import pytest

from director.text.arm.failures import ExpressionError
from director.text.forms import patterns

_FAST = [
    r"^[a-z]{1,30}$",
    r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
    r"^(?=.*[A-Z])(?=.*[a-z]).{8,}$",
    r"^(([0-9]|[1-9][0-9]|1[0-9]{2})\.){3}$",
    r"^(?<name>[a-z]|[0-9])+$",
]


@pytest.mark.parametrize("pattern", _FAST)
def test_usual_patterns_are_accepted(pattern: str) -> None:
    patterns.check_pattern(pattern)
    assert not any(patterns.is_found(pattern, text) for text in ("a." * 500 + "!", "1" * 999 + "!", "-" * 1000))


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)+$", r"(.*)*", r"((a*)b?)*", r"(\w+\s?)+$", r"(a?a)*$"])
def test_patterns_that_can_take_exponential_time_are_refused(pattern: str) -> None:
    with pytest.raises(ExpressionError, match="repeats a repetition"):
        patterns.check_pattern(pattern)


@pytest.mark.parametrize("pattern", ["[", "(?P<", "a" * 1001, "(" * 500])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ExpressionError):
        patterns.check_pattern(pattern)
