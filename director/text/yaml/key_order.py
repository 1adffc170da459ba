"""The order in which a map's keys are printed: numbers first, then text with its numbers in numeric order.

Takes keys, gives a sorted list. Source: go-yaml/yaml v2.4 sorter.go.
"""

import re
from collections.abc import Iterable
from functools import cmp_to_key

from director.text.yaml.tree import Key

_SIMPLE = re.compile(r"[a-z_\-./\n]*\Z")


def order_keys(keys: Iterable[Key]) -> list[Key]:
    """Sort keys as `bosh interpolate` prints them."""
    listed = list(keys)
    texts = [key for key in listed if isinstance(key, str)]
    if len(texts) == len(listed) and _SIMPLE.match("\n".join(texts)):
        return sorted(texts)  # type: ignore[return-value]  # where there are no digits or capitals, both orders agree
    return sorted(listed, key=cmp_to_key(_compare))


def _compare(a: Key, b: Key) -> int:
    if isinstance(a, str) and isinstance(b, str):
        return _compare_texts(a, b)
    rank = _rank(a) - _rank(b)
    if rank or not isinstance(a, (int, float)) or not isinstance(b, (int, float)):
        return rank
    return (a > b) - (a < b)


def _rank(key: Key) -> int:
    if key is None:
        return 1
    return 2 if isinstance(key, str) else 0


def _compare_texts(a: str, b: str) -> int:
    for i, (left, right) in enumerate(zip(a, b, strict=False)):
        if left == right:
            continue
        if left.isalpha() or right.isalpha():
            return _compare_letters(left, right)
        return _compare_from(a, b, i)
    return len(a) - len(b)


def _compare_letters(left: str, right: str) -> int:
    if left.isalpha() and right.isalpha():
        return -1 if left < right else 1
    return -1 if right.isalpha() else 1


def _compare_from(a: str, b: str, i: int) -> int:
    """Compare at the first difference, where neither has a letter: by number, by its length, by character."""
    start = 1 if "0" in (a[i], b[i]) and _ends_in_number(a[:i]) else 0
    left, left_digits = _number(a, i, start)
    right, right_digits = _number(b, i, start)
    if left != right:
        return -1 if left < right else 1
    if left_digits != right_digits:
        return left_digits - right_digits
    return -1 if a[i] < b[i] else 1


def _ends_in_number(text: str) -> bool:
    """Whether the digits at the end of the text are more than zeros."""
    digits = text[len(text.rstrip("0123456789")) :]
    return digits.strip("0") != ""


def _number(text: str, i: int, start: int) -> tuple[int, int]:
    end = i
    while end < len(text) and text[end] in "0123456789":
        end += 1
    return int(f"{start}{text[i:end]}") if end > i else start, end - i
