"""The order of a plan."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from director.actions.start import Start
from director.errors import Bug
from director.model.ids import ActionId, DeploymentName, EnvironmentName, InstanceId, RunId
from director.model.tasks.plan import Action
from director.plan import order
from director.plan.action_factory import ActionFactory, Description

AUTHOR = ActionFactory(run=RunId("r"), environment=EnvironmentName("e"), deployment=DeploymentName("d"))


def _action(name: str, *after: str, estimate_s: float = 1.0) -> Action:
    about = Description(subject=name, reason="", stage="")
    action = AUTHOR.new_action(
        Start(instance=InstanceId(name)), about, after=[AUTHOR.id_of("start", one) for one in after]
    )
    return replace(action, estimate_s=estimate_s)


def _names(actions: Sequence[Action]) -> list[str]:
    return [action.subject for action in actions]


def test_each_comes_after_what_it_waits_for_and_else_as_told() -> None:
    actions = [_action("d", "b"), _action("a"), _action("b", "c"), _action("c")]
    assert _names(order.order_actions(actions)) == ["a", "c", "b", "d"]


def test_a_cycle_is_spelled_out() -> None:
    with pytest.raises(Bug) as caught:
        order.order_actions([_action("a"), _action("b", "a", "d"), _action("c", "b"), _action("d", "c")])
    assert caught.value.what == "The plan has a dependency cycle: r/start/b <- r/start/d <- r/start/c <- r/start/b."


def test_a_gap_and_a_twin_are_bugs() -> None:
    with pytest.raises(Bug) as gap:
        order.order_actions([_action("a", "x")])
    with pytest.raises(Bug) as twin:
        order.order_actions([_action("a"), _action("a")])
    assert (gap.value.code, twin.value.code) == ("plan-gap", "plan-twin")


def test_an_id_is_the_run_the_kind_and_the_subject() -> None:
    assert AUTHOR.id_of("run_script", "web/0", "pre-start") == ActionId("r/run_script/web-0/pre-start")


@given(st.lists(st.sets(st.integers(0, 9), max_size=3), min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_any_graph_is_ordered_whatever_the_order_told(edges: list[set[int]], shuffle: object) -> None:
    actions = [_action(str(place), *(str(one) for one in before if one < place)) for place, before in enumerate(edges)]
    shuffle.shuffle(actions)  # type: ignore[attr-defined]
    ordered = order.order_actions(actions)
    seen: set[ActionId] = set()
    for action in ordered:
        assert seen.issuperset(action.after)
        seen.add(action.id)
    assert len(seen) == len(actions)
