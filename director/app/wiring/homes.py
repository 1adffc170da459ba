"""A home whose parts open when they are first used. Imports nothing slow: what a part needs, its own module imports.

Takes settings, gives a Home.
"""

import importlib
import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self, TypeVar, cast

from director.app.sessions.settings import Settings
from director.ports.watcher import Watcher

T = TypeVar("T")

_ROOM = __name__.rpartition(".")[0]


class Home:
    """What a command has open: each part once, whichever thread asks first; closed together, the last one first."""

    def __init__(self, settings: Settings, watcher: Watcher | None = None) -> None:
        self.settings = settings
        self.watcher = watcher
        """Receives what parts have to say; None for a command that opens none which has."""
        self.closing = ExitStack()
        """A part that must be closed adds its own call here when it opens."""
        self._lock = threading.RLock()
        self._parts: dict[Callable[[Home], object], object] = {}

    def part(self, opened_by: Callable[["Home"], T]) -> T:
        """The part that this function opens. Raises what the function raises, and then opens nothing."""
        with self._lock:
            if opened_by not in self._parts:
                self._parts[opened_by] = opened_by(self)
            return cast(T, self._parts[opened_by])

    def give(self, opened_by: Callable[["Home"], T], part: T) -> None:
        """Have this part instead of the one that the function would open."""
        with self._lock:
            self._parts[opened_by] = part

    def part_named(self, module: str, function: str) -> object:
        """The same for a function of a module of this room, which is imported only now."""
        opened_by: Callable[[Home], object] = getattr(importlib.import_module(f"{_ROOM}.{module}"), function)
        return self.part(opened_by)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return self.closing.__exit__(kind, error, traceback)
