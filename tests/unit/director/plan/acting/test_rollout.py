"""Limits are kept exactly: the plan is run with gates, in every order that the gates allow."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from director.model.environments.desired import Count, Desired, Group
from director.model.ids import ActionId, InstanceId
from director.model.tasks.plan import Action, Plan
from director.plan import front
from director.plan.acting import rollout
from tests.support.examples import share
from tests.unit.director.plan import scenes

Pick = Callable[[int], int]


Name = str | None


def _entries(plan: Plan, pick: Pick) -> list[tuple[Name, Name, int]]:
    """Run the plan with one action at a time, chosen freely: (gate, sequence, how many are inside) at each entry."""
    done: set[ActionId] = set()
    inside: dict[Name, set[Name]] = {gate.name: set() for gate in plan.gates}
    width: dict[Name, int] = {gate.name: gate.width for gate in plan.gates}
    left = list(plan.actions)
    entries: list[tuple[Name, Name, int]] = []
    while left:
        ready = [action for action in left if done.issuperset(action.after) and _may_enter(action, inside, width)]
        assert ready, "nothing can go on"
        action = ready[pick(len(ready))]
        if action.is_entering:
            inside[action.gate].add(action.sequence)
            entries.append((action.gate, action.sequence, len(inside[action.gate])))
        elif action.gate is not None:
            assert action.sequence in inside[action.gate], "inside without having entered"
        if action.is_leaving:
            inside[action.gate].discard(action.sequence)
        left.remove(action)
        done.add(action.id)
    return entries


def _may_enter(action: Action, inside: dict[Name, set[Name]], width: dict[Name, int]) -> bool:
    return not action.is_entering or len(inside[action.gate]) < width[action.gate]


@st.composite
def _groups(draw: st.DrawFn) -> tuple[Group, ...]:
    def group(name: str) -> Group:
        policy = replace(
            scenes.policy(draw(st.integers(0, 4)), draw(st.integers(1, 4)), is_serial=draw(st.booleans())),
            is_initially_parallel=draw(st.booleans()),
        )
        azs = draw(st.sampled_from([(), ("z1",), ("z1", "z2", "z3")]))
        return replace(scenes.group(name, draw(st.integers(0, 7))), update=policy, azs=azs)

    return tuple(group(name) for name in ("a", "b", "c")[: draw(st.integers(1, 3))])


@share(0.25)
@given(groups=_groups(), resized=st.integers(0, 5), choices=st.randoms(use_true_random=False))
def test_no_more_than_max_in_flight_are_inside_and_canaries_end_before_the_rest(
    groups: tuple[Group, ...], resized: int, choices: object
) -> None:
    pick: Pick = choices.randrange  # type: ignore[attr-defined]
    observed = scenes.nothing()
    for run, wanted in enumerate((groups, tuple(_changed(group, resized) for group in groups))):
        desired = scenes.deployment(*wanted)
        plan = front.make_plan(desired, observed, scenes.asked(f"run-{run}"))
        _check(desired, plan, pick, is_initial=run == 0)
        observed = scenes.after(plan, observed)


def _changed(group: Group, instances: int) -> Group:
    return replace(group, instances=instances, jobs=(scenes.job(group.name, properties={"x": 1}),))


def _check(desired: Desired, plan: Plan, pick: Pick, *, is_initial: bool) -> None:
    entries = _entries(plan, pick)
    width: dict[Name, int] = {gate.name: gate.width for gate in plan.gates}
    for gate, _, inside in entries:
        assert inside <= width[gate]
    by_id = {action.id: action for action in plan.actions}
    for group in desired.groups:
        updated = [a for a in plan.actions if a.is_entering and str(a.gate).split("/")[0] == group.name]
        updated = [action for action in updated if not str(action.gate).endswith("/unneeded")]
        batches = list(dict.fromkeys(action.gate for action in updated))
        if not batches:
            continue
        for batch in batches:
            size = sum(action.gate == batch for action in updated)
            assert width[batch] == max(1, min(size, group.update.max_in_flight.number))
        first = [action for action in updated if action.gate == batches[0]]
        canaries = {action.sequence for action in first[: min(len(first), group.update.canaries.number)]}
        for action in updated:
            if canaries and action.sequence not in canaries:
                assert canaries <= _ended_before(action, by_id)
        assert is_initial is False or len(batches) <= max(1, len(group.azs))


def _ended_before(action: Action, by_id: dict[ActionId, Action]) -> set[Name]:
    """Sequences of the same group that have ended before the action may begin."""
    seen: set[ActionId] = set()
    todo = list(action.after)
    while todo:
        before = todo.pop()
        if before not in seen:
            seen.add(before)
            todo += by_id[before].after
    return {by_id[before].sequence for before in seen if by_id[before].is_leaving}


def _gates(plan: Plan) -> dict[str, int]:
    return {gate.name: gate.width for gate in plan.gates}


def test_az_by_az_unless_the_first_deploy_may_be_parallel() -> None:
    group = replace(scenes.group("web", 6), azs=("z1", "z2"))
    serial = front.make_plan(scenes.deployment(group), scenes.nothing(), scenes.asked())
    parallel = replace(group, update=replace(group.update, is_initially_parallel=True))
    together = front.make_plan(scenes.deployment(parallel), scenes.nothing(), scenes.asked())
    assert _gates(serial) == {"web/z1": 2, "web/z2": 2}
    assert _gates(together) == {"web": 2}


def test_percentages_are_of_those_that_need_updating() -> None:
    policy = replace(scenes.policy(), max_in_flight=Count(number=50, is_percent=True))
    group = replace(scenes.group("web", 5), update=policy)
    assert _gates(front.make_plan(scenes.deployment(group), scenes.nothing(), scenes.asked())) == {"web": 2}


def test_limits_asked_for_replace_those_of_the_manifest() -> None:
    desired = scenes.deployment(scenes.group("web", 5))
    request = replace(scenes.asked(), canaries=Count(number=0), max_in_flight=Count(number=5))
    plan = front.make_plan(desired, scenes.nothing(), request)
    entering = [action for action in plan.actions if action.is_entering]
    assert (_gates(plan), {len(action.after) for action in entering}) == ({"web": 5}, {1})


def test_a_group_that_is_not_serial_is_a_barrier_on_both_sides() -> None:
    a, b, c, d = (scenes.group(name) for name in "abcd")
    free = scenes.policy(is_serial=False)
    desired = scenes.deployment(a, replace(b, update=free), replace(c, update=free), d)
    plan = front.make_plan(desired, scenes.nothing(), scenes.asked())
    applies = {
        action.subject: [wait.split("/", 1)[1] for wait in action.after[1:]]
        for action in plan.actions
        if action.is_entering
    }
    assert applies == {
        "a/0": [],
        "b/0": ["finish_instance/a-0"],
        "c/0": ["finish_instance/a-0"],
        "d/0": ["finish_instance/b-0", "finish_instance/c-0"],
    }


def test_the_bootstrap_instance_is_first_then_its_az_then_those_without_then_by_name() -> None:
    observed = scenes.after(
        front.make_plan(
            scenes.deployment(replace(scenes.group("web", 4), azs=("z1", "z2", "z3"))),
            scenes.nothing(),
            scenes.asked(),
        ),
        scenes.nothing(),
    )
    records = [replace(record, is_bootstrap=record.index == 2) for record in observed.state.instances]
    records[1] = replace(records[1], az=None)
    ordered = [(record.az, record.index) for record in rollout.update_order(records)]
    assert ordered == [("z3", 2), (None, 1), ("z1", ordered[2][1]), ("z1", ordered[3][1])]


def test_new_instances_come_last_by_index_whatever_ids_they_drew() -> None:
    observed = scenes.after(
        front.make_plan(scenes.deployment(scenes.group("web", 5)), scenes.nothing(), scenes.asked()), scenes.nothing()
    )
    records = [replace(record, vm=None) if record.index >= 3 else record for record in observed.state.instances]
    for first, second in (("0", "f"), ("f", "0")):
        drawn = {3: InstanceId(first * 8), 4: InstanceId(second * 8)}
        ordered = rollout.update_order(replace(one, id=drawn.get(one.index, one.id)) for one in records)
        assert [record.index for record in ordered][3:] == [3, 4]
