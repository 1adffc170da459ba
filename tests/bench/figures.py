"""A measured figure beside its target.

Takes numbers, gives lines.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`target` is the most (or, with `is_least`, the least) the value may be; None where there is none."""

    name: str
    value: float
    unit: str
    target: float | None = None
    is_least: bool = False
    note: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the target is kept."""
        if self.target is None:
            return True
        return self.value >= self.target if self.is_least else self.value <= self.target


def lines(figures: Iterable[Figure]) -> Iterable[str]:
    """One line a figure."""
    for figure in figures:
        bound = "" if figure.target is None else f"{'>=' if figure.is_least else '<='} {figure.target:g} {figure.unit}"
        verdict = "" if figure.target is None else ("met" if figure.is_met else "MISSED")
        yield f"{figure.name:52} {figure.value:9.3f} {figure.unit:4} {bound:14} {verdict:6} {figure.note}".rstrip()
