"""A stable order in which each thing comes after what it needs.

Takes names and what each needs, gives an order, or the circle that forbids one.
"""

from collections.abc import Iterable, Mapping


def in_order(needs: Mapping[str, Iterable[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names, each after its needs and otherwise as given; and a circle like (a, b, a), () if there is none.

    Needs that are not among the names are left out. With a circle the order holds every name all the same.
    """
    walk = _Walk(needs)
    for name in needs:
        walk.visit(name)
    return tuple(walk.ordered), walk.circle


class _Walk:
    def __init__(self, needs: Mapping[str, Iterable[str]]) -> None:
        self._needs = needs
        self._open: list[str] = []
        self.ordered: dict[str, None] = {}
        self.circle: tuple[str, ...] = ()

    def visit(self, start: str) -> None:
        """Walk without recursion: a long chain must not end the program."""
        todo = [(start, False)]
        while todo:
            name, is_done = todo.pop()
            if is_done:
                self._open.pop()
                self.ordered[name] = None
            elif name in self._open:
                self.circle = self.circle or (*self._open[self._open.index(name) :], name)
            elif name not in self.ordered:
                self._open.append(name)
                todo.append((name, True))
                todo.extend((need, False) for need in reversed(list(self._needs[name])) if need in self._needs)
