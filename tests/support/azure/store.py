"""What the stand-in has: resources by path, without regard to case, and the operations under way.

Takes and gives plain JSON. `inventory` is its own word on what exists, for leak checks.
"""

import copy
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"


class Refusal(Exception):
    """An error answer."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message, **more}}


@dataclass(slots=True, kw_only=True)
class Held:
    """One resource. `hidden` are the fields that are written and never told."""

    id: str
    body: Json
    hidden: Json = field(default_factory=dict)
    operation: str = ""


@dataclass(slots=True, kw_only=True)
class Operation:
    """`left` looks until it ends; None never does. `finish` is done once, at the end."""

    id: str
    left: int | None
    finish: Callable[[], Json | None]
    error: Json | None = None
    result: Json | None = None
    is_ended: bool = False


class Store:
    """Every resource; readers and writers hold `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.held: dict[str, Held] = {}
        self.operations: dict[str, Operation] = {}
        self.dropped: Callable[[Held], None] = _nothing

    def find(self, path: str) -> Held | None:
        """The resource under a path."""
        return self.held.get(key_of(path))

    def need(self, path: str, *, code: str = "ResourceNotFound") -> Held:
        """The same; refuses with 404."""
        found = self.find(path)
        if found is None:
            raise Refusal(404, code, f"The Resource '{path}' was not found.")
        return found

    def of_type(self, kind: str) -> list[Held]:
        """All of one type ("Microsoft.Compute/disks"), in the order of their making."""
        return [one for one in self.held.values() if str(one.body.get("type", "")).lower() == kind.lower()]

    def put(self, held: Held) -> None:
        """Keep it."""
        self.held[key_of(held.id)] = held

    def drop(self, path: str) -> None:
        """Forget it and what is under it."""
        key = key_of(path)
        for other in [each for each in self.held if each == key or each.startswith(key + "/")]:
            self.dropped(self.held.pop(other))

    def begin(self, finish: Callable[[], Json | None], *, left: int | None) -> Operation:
        """A new operation."""
        operation = Operation(id=str(uuid.uuid4()), left=left, finish=finish)
        self.operations[operation.id] = operation
        return operation

    def inventory(self) -> tuple[Json, ...]:
        """A copy of everything, with ids, types and tags."""
        with self.lock:
            return tuple(copy.deepcopy(held.body) for held in self.held.values())

    def names(self, kind: str) -> list[str]:
        """Names of all of one type, sorted."""
        with self.lock:
            return sorted(str(held.body["name"]) for held in self.of_type(kind))


def _nothing(held: Held) -> None:
    """The default observer, which does nothing."""


def key_of(path: str) -> str:
    """One key for all spellings of a path."""
    return path.rstrip("/").lower()


def name_of(path: str) -> str:
    """The last word of a path."""
    return path.rstrip("/").rsplit("/", 1)[-1]


def is_same(one: str, other: str) -> bool:
    """Whether two ids mean one resource."""
    return key_of(one) == key_of(other)
