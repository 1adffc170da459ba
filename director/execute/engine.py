"""Which calls to start now, and when to look again: a state machine without clock, threads or effects.

Takes a plan, then answers with the time they came at; gives calls to start, entries to write, a time to wake.
"""

import heapq
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from types import MappingProxyType

from cpi.contract.value_classes import dataclass
from director.errors import Bug
from director.execute import gates, order, pace, retry
from director.model.ids import ActionId
from director.model.tasks.entries import Accepted, Done, Failed, Failure
from director.model.tasks.plan import Action, Plan
from director.model.tasks.work import Result
from director.ports.runner import Answer, NotYet


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCall:
    """One call to start. `asked` counts the "not yet"s so far; `is_looking` asks for the effect, not for the deed.

    `handle` is what the cloud is carrying out since an earlier call; "" nothing.
    """

    action: Action
    attempt: int = 1
    asked: int = 0
    began_at: float = 0.0
    member: str | None = None
    is_looking: bool = False
    handle: str = ""


class _Phase(Enum):
    WAITING = "waiting"
    RUNNING = "running"
    RESTING = "resting"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


_ENDED = frozenset({_Phase.DONE, _Phase.FAILED, _Phase.SKIPPED})


@dataclass(slots=True, kw_only=True)
class _Track:
    """Where one action stands."""

    action: Action
    blockers: int
    phase: _Phase = _Phase.WAITING
    attempt: int = 1
    asked: int = 0
    hiccups: int = 0
    throttles: int = 0
    began_at: float = 0.0
    member: str | None = None
    is_looking: bool = False
    handle: str = ""
    doubted: Failure | None = None
    """Why its effect was looked for, last."""


class Engine:
    """Mutable; its answers depend on its inputs alone. `is_looking`: only observe, execute nothing.

    `handles` are what the cloud was carrying out when an earlier process ended.
    """

    def __init__(
        self, plan: Plan, *, is_looking: bool = False, handles: Mapping[ActionId, str] = MappingProxyType({})
    ) -> None:
        self._estimates = order.remaining_estimates(plan)
        self._dependents = order.dependents_of(plan)
        self._tracks = {
            action.id: _Track(
                action=action,
                blockers=len(action.after),
                is_looking=is_looking,
                handle=handles.get(action.id, ""),
            )
            for action in plan.actions
        }
        self._rank = {action.id: number for number, action in enumerate(plan.actions)}
        self._gates = gates.Gates(plan.gates)
        self._pools = gates.Pools()
        self._paces: dict[str, pace.Pace] = {}
        self._ready = [action.id for action in plan.actions if not action.after]
        self._resting: list[tuple[float, int, ActionId]] = []
        self._running = 0
        self._open = len(self._tracks)
        self._is_stopping = False

    @property
    def is_over(self) -> bool:
        """Nothing runs and nothing will."""
        return self._open == 0

    @property
    def ended(self) -> int:
        """How many actions have ended in any way."""
        return len(self._tracks) - self._open

    def start_due(self, now: float) -> tuple[StepCall, ...]:
        """Give the calls to start now, the most urgent first; each counts as running from here on."""
        calls = []
        while self._resting and self._resting[0][0] <= now:
            track = self._tracks[heapq.heappop(self._resting)[2]]
            if (free_at := self._pace(track).next_at) > now:
                self._rest(track, free_at)
            else:
                calls.append(self._start(track, now))
        for action_id in sorted(self._ready, key=lambda id_: (-self._estimates[id_], self._rank[id_])):
            if self._can_start(self._tracks[action_id], now):
                self._ready.remove(action_id)
                calls.append(self._start(self._tracks[action_id], now))
        return tuple(calls)

    def take(self, action_id: ActionId, answer: Answer, now: float) -> Accepted | Done | Failed | retry.Again | None:
        """Note an answer: gives the entry to write if the action ended, when it is tried again, or None: not yet."""
        track = self._tracks[action_id]
        if track.phase is not _Phase.RUNNING:
            raise Bug("answer-unasked", f"'{action_id}' has a result but was not started.")
        self._running -= 1
        match answer:
            case NotYet():
                return self._take_not_yet(track, answer, now)
            case Result():
                self._set_pace(track, pace.after_success(self._pace(track)))
                self._end(track, _Phase.DONE)
                return Done(action=action_id, at=now, kind=track.action.work.kind, result=answer)
            case Failure():
                return self._take_failure(track, answer, now)

    def _take_not_yet(self, track: _Track, answer: NotYet, now: float) -> Accepted | None:
        """Note what the cloud is carrying out; a look that got through ends a row of failed ones."""
        track.asked += 1
        self._rest(track, now + answer.after_s)
        if not answer.handle:
            return None
        track.hiccups = 0
        self._set_pace(track, pace.after_success(self._pace(track)))
        if answer.handle == track.handle:
            return None
        if not track.handle:
            track.began_at = now  # attempts that the cloud did not accept do not count against its limit
        track.handle = answer.handle
        return Accepted(action=track.action.id, at=now, handle=answer.handle)

    def wake_at(self) -> float | None:
        """When to ask for due calls again even if nothing ends; None: only when something ends.

        Raises Bug, code `engine-stuck`, when nothing would ever happen again.
        """
        paced = [self._pace(self._tracks[action]).next_at for action in self._ready if self._is_free(action)]
        times = [*paced, *(at for at, _, _ in self._resting[:1])]
        if not times and not self._running and self._open:
            stuck = [track.action.id for track in self._tracks.values() if track.phase is _Phase.WAITING]
            raise Bug("engine-stuck", f"Actions wait for each other: {', '.join(stuck[:5])}.")
        return min(times, default=None)

    def _is_free(self, action_id: ActionId) -> bool:
        action = self._tracks[action_id].action
        return self._gates.can_start(action) and self._pools.can_start(action)

    def _can_start(self, track: _Track, now: float) -> bool:
        return self._is_free(track.action.id) and self._pace(track).next_at <= now

    def _start(self, track: _Track, now: float) -> StepCall:
        if track.phase is _Phase.WAITING:
            self._gates.note_start(track.action)
            track.member = self._pools.take_member(track.action)
            track.began_at = now
        self._set_pace(track, pace.after_start(self._pace(track), now))
        track.phase = _Phase.RUNNING
        self._running += 1
        return StepCall(
            action=track.action,
            attempt=track.attempt,
            asked=track.asked,
            began_at=track.began_at,
            member=track.member,
            is_looking=track.is_looking,
            handle=track.handle,
        )

    def _take_failure(self, track: _Track, failure: Failure, now: float) -> Done | Failed | retry.Again:
        if retry.is_throttled(failure):
            track.throttles += 1
            self._set_pace(track, pace.after_throttle(self._pace(track)))
        else:
            track.hiccups += 1
        tries = retry.Tries(
            action=track.action.id,
            hiccups=track.hiccups,
            throttles=track.throttles,
            is_looking=track.is_looking and failure.code != NOT_THERE.code,
        )
        decision = retry.decide_retry(failure, tries, track.action.work.facts.doubt)
        if isinstance(decision, retry.Again):
            track.doubted = failure if decision.is_looking else track.doubted
            track.attempt += 1
            track.asked = 0
            if decision.is_looking and not track.is_looking:
                track.handle = ""
            track.is_looking = decision.is_looking
            self._rest(track, now + decision.after_s)
            return decision
        self._end(track, _Phase.FAILED)
        return Failed(action=track.action.id, at=now, failure=_cause_of(failure, track.doubted))

    def _rest(self, track: _Track, until: float) -> None:
        track.phase = _Phase.RESTING
        heapq.heappush(self._resting, (until, self._rank[track.action.id], track.action.id))

    def _end(self, track: _Track, phase: _Phase) -> None:
        """End an action, and with it all that now never happens. Chains are long, so no recursion."""
        ending = [(track, phase)]
        while ending:
            one, how = ending.pop()
            if one.phase in _ENDED:
                continue
            self._close(one, how)
            if how is _Phase.FAILED and not self._is_stopping:
                self._is_stopping = True
                ending.extend((other, _Phase.SKIPPED) for other in self._tracks.values() if self._is_unwanted(other))
            for later in self._dependents[one.action.id]:
                if self._is_lost(self._tracks[later], how):
                    ending.append((self._tracks[later], _Phase.SKIPPED))

    def _close(self, track: _Track, phase: _Phase) -> None:
        was_waiting = track.phase is _Phase.WAITING
        track.phase = phase
        self._open -= 1
        if track.action.id in self._ready:
            self._ready.remove(track.action.id)
        if not was_waiting:
            self._pools.note_end(track.action, track.member, is_done=phase is _Phase.DONE)
        self._gates.note_end(track.action)

    def _is_lost(self, later: _Track, phase: _Phase) -> bool:
        """Something that `later` waits for ended: it comes one nearer, or it is lost."""
        if later.phase in _ENDED:
            return False
        if phase is not _Phase.DONE and not later.action.is_cleanup:
            return True
        later.blockers -= 1
        if later.blockers == 0:
            self._ready.append(later.action.id)
        return False

    def _is_unwanted(self, track: _Track) -> bool:
        """After a failure only what cleans up and what is inside its gate may still start."""
        is_kept = track.action.is_cleanup or self._gates.is_inside(track.action)
        return track.phase is _Phase.WAITING and not is_kept

    def _pace(self, track: _Track) -> pace.Pace:
        return self._paces.get(track.action.work.pace_family, pace.Pace())

    def _set_pace(self, track: _Track, new: pace.Pace) -> None:
        family = track.action.work.pace_family
        if family:
            self._paces[family] = new

    def skipped(self) -> Mapping[ActionId, Action]:
        """What never started because something else failed."""
        return {id_: track.action for id_, track in self._tracks.items() if track.phase is _Phase.SKIPPED}


def _cause_of(failure: Failure, doubted: Failure | None) -> Failure:
    """Why an action failed: looked for in vain, it is the call whose answer was lost that tells, and that is safe."""
    if failure.code != NOT_THERE.code or doubted is None:
        return failure
    return replace(doubted, retry=failure.retry)


NOT_THERE = Failure(
    code="not-there",
    what="No resource with this owner key in the cloud: the call had no effect.",
    why="The call got no answer, and a search in the cloud by its owner key found nothing.",
    retry="safe",
)
"""What looking for a call's effect says when there is none; doing it is safe then."""
