"""How long a plan takes, by what the same kinds of actions took in former runs. Pure.

Takes a plan and journal entries, gives seconds, with the kinds that were never measured.
"""

import heapq
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.actions.compile_package import CompilePackage
from director.model.costs import Duration
from director.model.ids import ActionId
from director.model.tasks.entries import Begun, Done, Entry
from director.model.tasks.plan import Action, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds: the median by kind of action, and what each package took to compile the last time."""

    kinds_s: Mapping[str, float] = field(default_factory=dict)
    packages_s: Mapping[str, float] = field(default_factory=dict)

    def seconds_of(self, action: Action) -> float | None:
        """None for what never ran here. An action that makes no call takes no time."""
        work = action.work
        if isinstance(work, CompilePackage):
            return self.packages_s.get(work.package.name)
        return self.kinds_s.get(work.kind, 0.0 if work.facts.estimate_s == 0 else None)


def measure(runs: Iterable[Sequence[Entry]], packages_s: Mapping[str, float]) -> Measured:
    """What former runs took. An action that was begun more than once counts from the last beginning."""
    took: dict[str, list[float]] = defaultdict(list)
    for entries in runs:
        begun = {entry.action: entry.at for entry in entries if isinstance(entry, Begun)}
        for entry in entries:
            if isinstance(entry, Done) and entry.action in begun:
                took[entry.kind].append(max(0.0, entry.at - begun[entry.action]))
    return Measured(kinds_s={kind: statistics.median(seconds) for kind, seconds in took.items()}, packages_s=packages_s)


def duration_of(plans: Iterable[Plan], measured: Measured) -> Duration:
    """The plans one after the other. What was never measured counts as no time, and is named."""
    whole_s, unmeasured = 0.0, dict[str, None]()
    for plan in plans:
        whole_s += _length_s(plan, measured)
        missing = [action for action in plan.actions if measured.seconds_of(action) is None]
        unmeasured |= dict.fromkeys(map(_words, missing))
    return Duration(measured_s=whole_s, unmeasured=tuple(unmeasured))


def _length_s(plan: Plan, measured: Measured) -> float:
    """When the last action ends: each starts when what it waits for has ended, and a gate or a compile VM is free."""
    ends: dict[ActionId, float] = {}
    free: dict[str, list[float]] = {gate.name: [0.0] * gate.width for gate in plan.gates}
    for action in plan.actions:  # each comes after what it waits for
        start = max((ends.get(each, 0.0) for each in action.after), default=0.0)
        places = _places(action, free)
        if places is not None and places:
            start = max(start, heapq.heappop(places))
        ends[action.id] = start + (measured.seconds_of(action) or 0.0)
        _release(action, free, ends[action.id])
    return max(ends.values(), default=0.0)


def _places(action: Action, free: Mapping[str, list[float]]) -> list[float] | None:
    """When places of what the action enters become free; None where it enters nothing."""
    if action.is_using_pool and action.pool is not None:
        return free.get(action.pool)
    return free.get(action.gate) if action.is_entering and action.gate is not None else None


def _release(action: Action, free: dict[str, list[float]], at: float) -> None:
    if action.pool is not None and (action.is_joining_pool or action.is_using_pool):
        heapq.heappush(free.setdefault(action.pool, []), at)
    if action.gate is not None and action.is_leaving:
        heapq.heappush(free.setdefault(action.gate, []), at)


def _words(action: Action) -> str:
    if isinstance(action.work, CompilePackage):
        return f"compile {action.work.package.name}"
    return action.work.kind.replace("_", " ")
