"""Who is let through when: canaries, then the rest, so many at a time, AZ by AZ, group after group.

Takes groups' chains, gives actions with gates. Limits are those of the manifest, kept exactly.
Source: cloudfoundry/bosh multi_instance_group_updater.rb, instance_group_updater.rb, instance_plan_sorter.rb.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from cpi.contract.value_classes import dataclass
from director.model.environments.desired import UpdatePolicy
from director.model.environments.state import InstanceRecord
from director.model.ids import ActionId
from director.model.tasks.plan import Action, Gate
from director.plan.acting.instance_actions import Chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Instances that share a gate: an AZ's, or the whole group's. Canaries go first."""

    gate: Gate
    canaries: tuple[InstanceRecord, ...]
    rest: tuple[InstanceRecord, ...]

    @property
    def tried_first(self) -> tuple[InstanceRecord, ...]:
        """The canaries that others wait for; none where all are canaries."""
        return self.canaries if self.rest else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A group's turn: instances that go, then batches of instances to update, by their chains."""

    group: str
    is_serial: bool
    removals: tuple[Chain, ...] = ()
    removal_width: int = 1
    batches: tuple[Batch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    actions: tuple[Action, ...]
    gates: tuple[Gate, ...]


def batches_of(
    group: str, records: Sequence[InstanceRecord], policy: UpdatePolicy, *, is_initial: bool
) -> tuple[Batch, ...]:
    """Cut a group's instances into batches, in the order of their turns; canaries are in the first one only."""
    ordered = update_order(records)
    if is_initial and policy.is_initially_parallel:
        return (_batch(group, ordered, policy, has_canaries=True),) if ordered else ()
    by_az = [(az, tuple(members)) for az, members in groupby(ordered, key=lambda record: record.az)]
    return tuple(
        _batch(f"{group}/{az}" if az else group, members, policy, has_canaries=place == 0)
        for place, (az, members) in enumerate(by_az)
    )


def update_order(records: Iterable[InstanceRecord]) -> tuple[InstanceRecord, ...]:
    """Bootstrap first, then the rest of its AZ, those without AZ, the other AZs by name; within one by "group/id".

    An instance without a VM comes after those that have one, by its index: the id of a new one is drawn for each plan,
    and `deploy` should follow the order that `plan` showed.
    """
    listed = tuple(records)
    first = next((record.az for record in listed if record.is_bootstrap), None)
    return tuple(
        sorted(
            listed,
            key=lambda record: (
                record.az != first,
                record.az or "",
                not record.is_bootstrap,
                record.vm is None,
                f"{record.group}/{record.id}" if record.vm else f"{record.group}/{record.index:09}",
            ),
        )
    )


def roll_out(turns: Sequence[Turn], chains: Mapping[str, Chain]) -> Rollout:
    """Put gates on the chains (by instance id) and make each turn wait for the turns before it."""
    actions: list[Action] = []
    gates: list[Gate] = []
    barrier: tuple[ActionId, ...] = ()
    for stage in _stages(turns):
        ends: list[ActionId] = []
        for turn in stage:
            ended, done, opened = _take_turn(turn, chains, barrier)
            actions += done
            gates += opened
            ends += ended
        barrier = tuple(ends) or barrier
    return Rollout(actions=tuple(actions), gates=tuple(gates))


def through(chain: Chain, gate: Gate, after: Iterable[ActionId]) -> tuple[Action, ...]:
    """The chain's actions with the gate; the one that enters waits for `after` too."""
    return tuple(_gated(action, chain, gate, after=tuple(after)) for action in chain.actions)


def _batch(name: str, members: Sequence[InstanceRecord], policy: UpdatePolicy, *, has_canaries: bool) -> Batch:
    number = policy.canaries.of(len(members)) if has_canaries else 0
    width = max(1, policy.max_in_flight.of(len(members)))
    return Batch(gate=Gate(name=name, width=width), canaries=tuple(members[:number]), rest=tuple(members[number:]))


def _stages(turns: Sequence[Turn]) -> Iterator[tuple[Turn, ...]]:
    """Serial groups alone, neighbours that are not serial together."""
    for is_serial, stage in groupby(turns, key=lambda turn: turn.is_serial):
        if is_serial:
            yield from ((turn,) for turn in stage)
        else:
            yield tuple(stage)


def _take_turn(
    turn: Turn, chains: Mapping[str, Chain], barrier: tuple[ActionId, ...]
) -> tuple[tuple[ActionId, ...], list[Action], list[Gate]]:
    actions: list[Action] = []
    gates: list[Gate] = []
    ended: tuple[ActionId, ...] = ()
    if turn.removals:
        gate = Gate(name=f"{turn.group}/unneeded", width=turn.removal_width)
        gates.append(gate)
        actions += [
            action for chain in turn.removals for action in through(chain, gate, () if chain.is_early else barrier)
        ]
        barrier = ended = tuple(end for chain in turn.removals for end in chain.ends)
    for batch in turn.batches:
        gates.append(batch.gate)
        enter = _entrance(batch.gate, chains)
        first = [action for record in batch.canaries for action in enter(record, barrier)]
        canaries = tuple(end for record in batch.canaries for end in chains[record.id].ends)
        rest = [action for record in batch.rest for action in enter(record, canaries or barrier)]
        actions += [*first, *rest]
        barrier = ended = tuple(end for record in batch.rest for end in chains[record.id].ends) or canaries
    return ended, actions, gates


def _entrance(
    gate: Gate, chains: Mapping[str, Chain]
) -> Callable[[InstanceRecord, tuple[ActionId, ...]], tuple[Action, ...]]:
    return lambda record, after: through(chains[record.id], gate, after)


def _gated(action: Action, chain: Chain, gate: Gate, *, after: tuple[ActionId, ...]) -> Action:
    if action.id not in chain.gated:
        return action
    is_entering = action.id == chain.entering
    return replace(
        action,
        after=tuple(dict.fromkeys((*action.after, *after))) if is_entering else action.after,
        gate=gate.name,
        sequence=chain.subject,
        is_entering=is_entering,
        is_leaving=action.id == chain.leaving,
    )
