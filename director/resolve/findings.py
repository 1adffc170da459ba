"""Problems collected on the way, so that a person learns of all of them at once.

Takes problems, raises them as one error at the end.
"""

import difflib
from collections.abc import Iterable
from dataclasses import field
from typing import TypeVar

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director.errors import InputError, raise_all
from director.model.documents import Remark

Problem = TypeVar("Problem", bound=ExplainedError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Grows while documents are resolved; raised only at the end."""

    problems: list[InputError] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def report(self, code: str, what: str, *, why: str, fix: str, where: str) -> None:
        """Add a problem."""
        self.problems.append(InputError(code, what, why=why, fix=fix, where=where))

    def remark(self, code: str, text: str, *, where: str) -> None:
        """Add what is worth knowing and forbids nothing."""
        self.remarks.append(Remark(code=code, text=text, where=where))

    def report_unknown(self, kind: str, name: str, *, whose: str, known: Iterable[str], where: str) -> None:
        """Add `unknown-<kind>`: `whose` names `name`, which is not among the known ones."""
        names = sorted(set(known))
        near = nearest(name, names)
        self.report(
            f"unknown-{kind.replace(' ', '-').lower()}",
            f"{whose} names {kind} '{name}', which does not exist.",
            why=f"Known: {', '.join(repr(each) for each in names)}." if names else f"No {kind} is defined.",
            fix=f"Did you mean '{near}'?" if near else f"Name one that exists, or define {kind} '{name}'.",
            where=where,
        )

    def raise_if_any(self) -> None:
        """Raise what was found, as a reader meets it in each file: one error as itself, more as Problems."""
        raise_all(in_reading_order(self.problems))


def in_reading_order(problems: Iterable[Problem]) -> list[Problem]:
    """Those of one file together, by line and column; files in the order in which they come first."""
    found = list(problems)
    files = list(dict.fromkeys(_place(problem.where)[0] for problem in found))
    return sorted(found, key=lambda problem: _in_order(problem.where, files))


def _in_order(where: str, files: list[str]) -> tuple[int, tuple[int, ...]]:
    file, numbers = _place(where)
    return files.index(file), numbers


def _place(where: str) -> tuple[str, tuple[int, ...]]:
    """`file:line:column` as file and numbers; line and column may be missing."""
    words = where.rsplit(":", 2)
    while len(words) > 1 and not words[1].isdigit():
        words = [":".join(words[:2]), *words[2:]]
    return words[0], tuple(int(word) for word in words[1:])


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like this one, "" if none is."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)), "")
