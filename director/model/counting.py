"""Numbers and names of things in a line.

Takes numbers and names, gives text.
"""

from collections.abc import Sequence


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
