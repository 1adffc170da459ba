"""What a log names: secrets together, packages and instances one by one, compile VMs not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from director.actions.delete_vm import DeleteVm
from director.actions.run_errand import RunErrand
from director.actions.start import Start
from director.actions.stop import Stop
from director.execute.milestones import milestones_of, planned_words
from director.model.environments.desired import VariableSpec
from director.model.ids import ActionId, InstanceId
from director.model.tasks.plan import Action, Plan
from director.model.tasks.work import Work
from director.plan import front
from tests.unit.director.plan import scenes


def _plan() -> Plan:
    web = replace(scenes.group("web", 3), packages=("key-a",), jobs=(scenes.job("web", scripts=("post-deploy",)),))
    desired = scenes.deployment(web, packages=[scenes.need("a")])
    names = ("/env/dep/one", "/env/dep/two")
    desired = replace(desired, variables=tuple(VariableSpec(name=name, type="password") for name in names))
    return front.make_plan(desired, scenes.nothing(), scenes.asked())


def test_each_thing_with_a_name_has_one_milestone() -> None:
    found = {milestone.subject: milestone.text for milestone in milestones_of(_plan())}
    assert found == {
        "secrets": "one, two",
        "package a": "compiled",
        "web/0": "new (canary) 10.0.0.2",
        "web/1": "new 10.0.0.3",
        "web/2": "new 10.0.0.4",
        "post-deploy": "web/0, web/1, web/2",
    }


def test_every_action_but_those_of_compile_vms_is_in_exactly_one_milestone() -> None:
    plan = _plan()
    found = [action for milestone in milestones_of(plan) for action in milestone.actions]
    compiling = {action.id for action in plan.actions if action.subject.startswith("compiler-")}
    assert (len(found), compiling) == (len(set(found)), {action.id for action in plan.actions} - set(found))
    assert len(compiling) == 3


def test_the_first_line_counts_what_is_planned() -> None:
    plan = _plan()
    assert planned_words(plan) == f"2 secrets, 1 package, 3 instances ({len(plan.actions)} actions)"
    assert planned_words(replace(plan, actions=plan.actions[:1], changes=())) == "1 secret (1 action)"


def test_an_errand_and_what_belongs_to_no_instance_that_changes_are_named_by_what_was_done() -> None:
    """An errand that is alone on its VM creates and deletes that: what a person asked for is the errand."""
    instance = InstanceId("i")
    works: Mapping[str, Sequence[Work]] = {
        "tests/0": [RunErrand(instance=instance, job="smoke", basis="x"), DeleteVm(cloud="only", instance=instance)],
        "jumpbox/0": [Stop(instance=instance), Start(instance=instance)],
        "network a": [DeleteVm(cloud="only", instance=instance)],
    }
    actions = tuple(
        Action(id=ActionId(f"{subject}/{at}"), work=work, subject=subject, reason="why")
        for subject, of_it in works.items()
        for at, work in enumerate(of_it)
    )
    assert {one.subject: one.text for one in milestones_of(replace(_plan(), actions=actions, changes=()))} == {
        "tests/0": "ran errand smoke",
        "jumpbox/0": "instance stopped, started",
        "network a": "deleted",
    }
