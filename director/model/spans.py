"""Where something was written: file, line, column; and a table of it for a whole document.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass

Path = tuple[str | int, ...]
"""The way to a node of a document: map keys and list indices from the root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """`line` and `column` count from 1; line 0 means the place is not known."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """The span of every node of a document that has one."""

    file: str
    by_path: Mapping[Path, Span] = field(default_factory=dict)

    def at(self, path: Path) -> Span:
        """The span of the node, or of its nearest parent that has one, or of the file."""
        while path:
            if path in self.by_path:
                return self.by_path[path]
            path = path[:-1]
        return self.by_path.get((), Span(file=self.file))
