"""Ignored instances: nothing is done to them, and what would delete or move them is refused."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from director.errors import InputError
from director.model.environments.desired import Desired, GroupNetwork
from director.model.environments.observed import NoAnswer, Observed
from director.model.ids import InstanceId
from director.plan import front
from director.plan.request import InstanceRequest
from tests.unit.director.plan import scenes


def _deployed(desired: Desired) -> Observed:
    made = scenes.after(front.make_plan(desired, scenes.nothing(), scenes.asked()), scenes.nothing())
    records = [replace(each, is_ignored=each.name == "web/0") for each in made.state.instances]
    return replace(made, state=replace(made.state, instances=tuple(records)))


def _subjects(desired: Desired, observed: Observed, requests: Mapping[str, InstanceRequest] | None = None) -> set[str]:
    plan = front.make_plan(desired, observed, scenes.asked("run-2", requests))
    return {action.subject for action in plan.actions}


def _changed(desired: Desired) -> Desired:
    job = scenes.job("web", scripts=["post-deploy"])
    changed = replace(desired.groups[0], cloud_properties={"size": "big"}, jobs=(job,))
    return replace(desired, groups=(changed, *desired.groups[1:]))


def test_a_deploy_leaves_an_ignored_instance_as_it_is() -> None:
    desired = scenes.deployment(scenes.group("web", 2))
    observed = _deployed(desired)
    assert _subjects(_changed(desired), observed) == {"web/1"}
    first = next(record for record in observed.state.instances if record.is_ignored)
    silent = {**observed.agents, first.id: NoAnswer(code="agent-silent", why="it is off")}
    assert _subjects(_changed(desired), replace(observed, agents=silent)) == {"web/1"}, "it may be silent"
    requests = {"web": InstanceRequest.RECREATE}
    assert _subjects(desired, observed, requests) == {"web/1"}, "a request for its group passes it over"


@pytest.mark.parametrize("by", ["name", "id"])
def test_a_request_for_an_ignored_instance_itself_is_refused(by: str) -> None:
    desired = scenes.deployment(scenes.group("web", 2))
    observed = _deployed(desired)
    first: InstanceId = next(record.id for record in observed.state.instances if record.is_ignored)
    named = "web/0" if by == "name" else f"web/{first}"
    with pytest.raises(InputError) as caught:
        _subjects(desired, observed, {named: InstanceRequest.RESTART})
    assert (caught.value.code, caught.value.what) == ("instance-ignored", "web/0 is ignored.")


def test_an_ignored_instance_is_neither_deleted_nor_moved() -> None:
    desired = scenes.deployment(scenes.group("web", 2), scenes.group("db", 1))
    observed = _deployed(desired)
    static = scenes.network("default", scenes.subnet("10.0.1.0/24"))
    moved = replace(desired.groups[0], networks=(GroupNetwork(name="default", defaults=("dns", "gateway")),))
    wanted = (
        scenes.deployment(scenes.group("db", 1)),
        scenes.deployment(replace(desired.groups[0], instances=0), scenes.group("db", 1)),
        scenes.deployment(moved, scenes.group("db", 1), networks=[static]),
    )
    for each in wanted:
        with pytest.raises(InputError) as caught:
            _subjects(each, observed)
        assert caught.value.code == "instance-ignored"
    with pytest.raises(InputError) as caught:
        front.make_teardown_plan(observed, scenes.asked("run-3"))
    assert caught.value.code == "instance-ignored"
