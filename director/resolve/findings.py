"""Problems collected on the way, so that a person learns of all of them at once.

Takes what is wrong in words, gives one error at the end.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from director.errors import InputError, raise_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Grows while documents are resolved; nobody raises before the end."""

    problems: list[InputError] = field(default_factory=list)

    def tell(self, code: str, what: str, *, why: str, fix: str, where: str) -> None:
        """Add a problem."""
        self.problems.append(InputError(code, what, why=why, fix=fix, where=where))

    def tell_unknown(self, kind: str, name: str, *, whose: str, known: Iterable[str], where: str) -> None:
        """Add `unknown-<kind>`: `whose` names `name`, which is not among the known ones."""
        names = sorted(set(known))
        near = nearest(name, names)
        self.tell(
            f"unknown-{kind.replace(' ', '-').lower()}",
            f"{whose} names {kind} '{name}', which does not exist.",
            why=f"known: {', '.join(repr(each) for each in names)}." if names else f"there is no {kind} at all.",
            fix=f"did you mean '{near}'?" if near else f"name one that exists, or define {kind} '{name}'.",
            where=where,
        )

    def raise_if_any(self) -> None:
        """Raise what was found: one error as itself, more as Problems."""
        raise_all(self.problems)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like this one, "" if none is."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)), "")
