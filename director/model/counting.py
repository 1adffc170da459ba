"""Numbers and names of things in a line.

Takes numbers and names, gives text.
"""

import re
from collections.abc import Iterable, Sequence

NaturalKey = tuple[tuple[int, str], ...]


def count_text(number: int, noun: str) -> str:
    """ "1 secret", "3 secrets"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def names_text(names: Sequence[str], *, longest: int) -> str:
    """ "a, b and 3 more": as many names as fit into `longest` characters, at least one; the others are counted."""
    shown: list[str] = []
    for name in names:
        if shown and len(", ".join([*shown, name])) > longest:
            break
        shown.append(name)
    left = len(names) - len(shown)
    return f"{', '.join(shown)}{f' and {left} more' if left else ''}"


def natural_key(name: str) -> NaturalKey:
    """By which names are sorted as people expect: web/2 before web/10."""
    parts = re.split(r"([0-9]+)", name)
    return tuple((int(part), "") if number % 2 else (-1, part) for number, part in enumerate(parts))


def in_natural_order(names: Iterable[str]) -> list[str]:
    """The names, sorted so."""
    return sorted(names, key=natural_key)
