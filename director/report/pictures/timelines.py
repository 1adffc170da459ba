"""When each action of a task began and ended, and its critical path: the chain of waits that took the task's time.

Takes plans and how far their actions are, gives a Timeline.
"""

from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.model.ids import ActionId
from director.model.tasks.action_progress import ActionProgress, ProgressState
from director.model.tasks.entries import Begun, Done, Entry, Failed
from director.model.tasks.plan import Action, Plan

_TOLERANCE_S = 0.05
"""What an action waits beyond this after its last dependency, it waits for its gate or its pool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One action, in seconds since the task's first one. `end_s` is None for one without an end."""

    subject: str
    words: str
    begin_s: float
    end_s: float | None
    state: ProgressState
    is_critical: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Bars by their begin. `critical` are those of the critical path, in order."""

    bars: tuple[Bar, ...]
    total_s: float

    @property
    def critical(self) -> tuple[Bar, ...]:
        """The chain that took the task's time."""
        return tuple(bar for bar in self.bars if bar.is_critical)


def progresses_of(entries: Iterable[Entry]) -> Mapping[ActionId, ActionProgress]:
    """How far the actions of a run are, by its journal. A repeated call began when its first one did."""
    found: dict[ActionId, ActionProgress] = {}
    for entry in entries:
        begun_at = found[entry.action].begun_at if entry.action in found else entry.at
        match entry:
            case Begun():
                state, ended_at, text = ProgressState.RUNNING, None, ""
            case Done():
                state, ended_at, text = ProgressState.DONE, entry.at, ""
            case Failed():
                state, ended_at, text = ProgressState.FAILED, entry.at, entry.failure.what
            case _:
                continue
        found[entry.action] = ActionProgress(state=state, begun_at=begun_at, ended_at=ended_at, text=text)
    return found


def timeline_of(runs: Sequence[tuple[Plan, Mapping[ActionId, ActionProgress]]]) -> Timeline:
    """All runs of a task, one after the other."""
    begun = [each.begun_at for _, own in runs for each in own.values() if each.begun_at is not None]
    zero = min(begun, default=0.0)
    bars = [bar for plan, own in runs for bar in _bars(plan, own, zero)]
    ends = [bar.begin_s if bar.end_s is None else bar.end_s for bar in bars]
    return Timeline(bars=tuple(sorted(bars, key=lambda bar: bar.begin_s)), total_s=max(ends, default=0.0))


def _bars(plan: Plan, own: Mapping[ActionId, ActionProgress], zero: float) -> Iterable[Bar]:
    critical = _critical_path(plan, own)
    for action in plan.actions:
        progress = own.get(action.id)
        if progress is None or progress.begun_at is None:
            continue
        yield Bar(
            subject=action.subject,
            words=action.work.kind.replace("_", " "),
            begin_s=progress.begun_at - zero,
            end_s=None if progress.ended_at is None else progress.ended_at - zero,
            state=progress.state,
            is_critical=action.id in critical,
        )


def _critical_path(plan: Plan, own: Mapping[ActionId, ActionProgress]) -> frozenset[ActionId]:
    """From the action that ended last, back along what each was waiting for."""
    actions = {action.id: action for action in plan.actions if action.id in own}
    ended = [action for action in actions.values() if own[action.id].ended_at is not None]
    current = max(ended, key=lambda action: own[action.id].ended_at or 0.0, default=None)
    path: set[ActionId] = set()
    while current is not None and current.id not in path:
        path.add(current.id)
        current = _awaited(current, actions, own)
    return frozenset(path)


def _awaited(
    action: Action, actions: Mapping[ActionId, Action], own: Mapping[ActionId, ActionProgress]
) -> Action | None:
    """What the action was waiting for: its last dependency, or what left its gate or its pool after that."""
    begun_at = own[action.id].begun_at or 0.0
    last = _last([actions[before] for before in action.after if before in actions], own, until=begun_at)
    waited_s = begun_at - (own[last.id].ended_at or 0.0) if last else None
    if waited_s is not None and waited_s <= _TOLERANCE_S:
        return last
    sharing = [each for each in actions.values() if each.id != action.id and _shares(each, action)]
    blocking = _last(sharing, own, until=begun_at)
    if blocking is None or (last is not None and (own[blocking.id].ended_at or 0) < (own[last.id].ended_at or 0)):
        return last
    return blocking


def _shares(one: Action, other: Action) -> bool:
    return (one.gate is not None and one.gate == other.gate) or (one.pool is not None and one.pool == other.pool)


def _last(candidates: Sequence[Action], own: Mapping[ActionId, ActionProgress], *, until: float) -> Action | None:
    """The candidate that ended last, not after `until`."""
    ends = {each.id: own[each.id].ended_at for each in candidates}
    ended = [each for each in candidates if (end := ends[each.id]) is not None and end <= until + _TOLERANCE_S]
    return max(ended, key=lambda each: ends[each.id] or 0.0, default=None)
