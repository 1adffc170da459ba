"""The known word that a mistyped one was most likely meant to be.

Takes a word and the known ones, gives one of them or "".
"""

from collections.abc import Iterable


def nearest_word(word: str, known: Iterable[str]) -> str:
    """Give the known word with the fewest edits, if a third of the word or less would change."""
    limit = max(1, len(word) // 3)
    scored = sorted((edits_between(word.lower(), other.lower()), other) for other in known)
    return scored[0][1] if scored and scored[0][0] <= limit else ""


def edits_between(a: str, b: str) -> int:
    """Count the letters to insert, drop, change or swap with their neighbour that make one word of the other."""
    before: list[int] = []
    above = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        row = [i]
        for j, right in enumerate(b, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]
