"""Who is inside a gate, and which members of a pool are free.

Takes actions that start and end, gives yes or no; no time, no effects.
"""

from director.actions.await_agent import AwaitAgent
from director.model.tasks.plan import Action, Gate
from director.model.tasks.work import Work


class Gates:
    """At most `width` sequences are inside a gate at a time."""

    def __init__(self, gates: tuple[Gate, ...]) -> None:
        self._width = {gate.name: gate.width for gate in gates}
        self._inside: dict[str, set[str | None]] = {gate.name: set() for gate in gates}

    def is_inside(self, action: Action) -> bool:
        """Whether the action's sequence entered its gate and did not leave."""
        return action.gate is not None and action.sequence in self._inside[action.gate]

    def can_start(self, action: Action) -> bool:
        """Whether the gate lets the action through now."""
        if action.gate is None or not action.is_entering or self.is_inside(action):
            return True
        return len(self._inside[action.gate]) < self._width[action.gate]

    def note_start(self, action: Action) -> None:
        """The action starts; its sequence is inside if it enters."""
        if action.gate is not None and action.is_entering:
            self._inside[action.gate].add(action.sequence)

    def note_end(self, action: Action) -> None:
        """The action ended, in whatever way; its sequence is out if it leaves."""
        if action.gate is not None and action.is_leaving:
            self._inside[action.gate].discard(action.sequence)


class Pools:
    """Members join a pool and are lent to one action at a time."""

    def __init__(self) -> None:
        self._free: dict[str, list[str]] = {}

    def can_start(self, action: Action) -> bool:
        """Whether the action needs no member, or one is free."""
        return not action.is_using_pool or (action.pool is not None and bool(self._free.get(action.pool)))

    def take_member(self, action: Action) -> str | None:
        """Give the action its member, None when it needs none."""
        return self._free[action.pool].pop(0) if action.is_using_pool and action.pool is not None else None

    def note_end(self, action: Action, member: str | None, *, is_done: bool) -> None:
        """Take the member back; let one join whose action is done."""
        if member is not None and action.pool is not None:
            self._free[action.pool].append(member)
        if action.is_joining_pool and action.pool is not None and is_done:
            self._free.setdefault(action.pool, []).append(_compiler_of(action.work))


def _compiler_of(work: Work) -> str:
    assert isinstance(work, AwaitAgent)
    return work.of_compiler()
