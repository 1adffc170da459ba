"""The end of a deployment: nothing of it is left but, unless asked, its disks."""

from dataclasses import replace

import pytest

from director.actions.run_script import RunScript
from director.errors import AgentError
from director.model.environments.desired import Desired, DiskSpec
from director.model.environments.observed import JUMPBOX_SILENT, NoAnswer, Observed
from director.plan import front
from director.plan.request import PlanRequest
from tests.unit.director.plan import scenes


def _desired() -> Desired:
    db = replace(scenes.group("db"), disk=DiskSpec(size_mib=100))
    return scenes.deployment(db, scenes.group("web", 2), packages=[scenes.need("ruby")])


def _deployed() -> Observed:
    return scenes.after(front.make_plan(_desired(), scenes.nothing(), scenes.asked()), scenes.nothing())


def _request(**fields: bool) -> PlanRequest:
    return replace(scenes.asked("down"), **fields)  # type: ignore[arg-type]


def test_an_instance_is_stopped_its_disk_let_go_and_its_vm_deleted() -> None:
    plan = front.make_teardown_plan(_deployed(), _request())
    assert [line for line in scenes.reported(plan) if "db-0" in line] == [
        "run_script/db-0/pre-stop",
        "drain/db-0 <- run_script/db-0/pre-stop",
        "stop/db-0 <- drain/db-0",
        "run_script/db-0/post-stop <- stop/db-0",
        "unmount_disk/db-0/down <- run_script/db-0/post-stop",
        "detach_disk/db-0/down <- unmount_disk/db-0/down",
        "delete_vm/db-0 <- detach_disk/db-0/down",
        "orphan_disk/db-0 <- delete_vm/db-0",
        "forget_instance/db-0 <- orphan_disk/db-0",
    ]
    assert (plan.manifest, plan.gates) == ("", ())


def test_jobs_are_told_that_all_goes() -> None:
    plan = front.make_teardown_plan(_deployed(), _request())
    env = {
        "BOSH_VM_NEXT_STATE": "delete",
        "BOSH_INSTANCE_NEXT_STATE": "delete",
        "BOSH_DEPLOYMENT_NEXT_STATE": "delete",
    }
    scripts = [action.work for action in plan.actions if isinstance(action.work, RunScript)]
    assert [work.env for work in scripts if work.script == "pre-stop"] == [env, env, env]


@pytest.mark.parametrize(("is_deleting_disks", "disks_left"), [(False, 1), (True, 0)])
def test_nothing_is_left_but_orphans_unless_those_go_too(is_deleting_disks: bool, disks_left: int) -> None:
    observed = _deployed()
    ended = scenes.after(front.make_teardown_plan(observed, _request(is_deleting_disks=is_deleting_disks)), observed)
    assert (ended.vms, ended.state.instances, len(ended.disks)) == ((), (), disks_left)


def test_orphans_go_with_a_later_teardown_that_deletes_disks() -> None:
    observed = _deployed()
    ended = scenes.after(front.make_teardown_plan(observed, _request()), observed)
    again = front.make_teardown_plan(ended, _request(is_deleting_disks=True))
    assert [action.work.kind for action in again.actions] == ["delete_disk"]


def test_a_teardown_cut_off_anywhere_goes_on() -> None:
    observed = _deployed()
    plan = front.make_teardown_plan(observed, _request(is_deleting_disks=True))
    for cut in plan.actions:
        half = scenes.after(plan, observed, until=cut.id)
        again = replace(_request(is_deleting_disks=True), run=scenes.asked("down-2").run)
        ended = scenes.after(front.make_teardown_plan(half, again), half)
        assert (ended.vms, ended.state.instances, ended.disks) == ((), (), ())


def test_a_silent_agent_stops_a_teardown_unless_it_is_forced() -> None:
    observed = _deployed()
    no_answer = NoAnswer(code="vm-port-closed", why="Connection refused.")
    silent = replace(observed, agents=dict.fromkeys(observed.agents, no_answer))
    with pytest.raises(AgentError) as caught:
        front.make_teardown_plan(silent, _request())
    assert caught.value.code == "agent-silent"
    forced = front.make_teardown_plan(silent, _request(is_forcing=True))
    assert scenes.kinds(forced, "db/0") == ["delete_vm", "orphan_disk", "forget_instance"]


def test_a_silent_jumpbox_stops_a_teardown_unless_it_is_forced() -> None:
    observed = _deployed()
    hidden = replace(observed, agents=dict.fromkeys(observed.agents, NoAnswer(code=JUMPBOX_SILENT, why="Gone.")))
    with pytest.raises(AgentError) as caught:
        front.make_teardown_plan(hidden, _request())
    assert caught.value.code == "jumpbox-silent"
    assert front.make_teardown_plan(hidden, _request(is_forcing=True)).actions


def test_strays_and_compile_vms_go_too() -> None:
    first = front.make_plan(_desired(), scenes.nothing(), scenes.asked())
    half = scenes.after(first, scenes.nothing(), until="compile_package/package-ruby")
    lost = replace(half, state=replace(half.state, instances=()))
    ended = scenes.after(front.make_teardown_plan(lost, _request()), lost)
    assert (ended.vms, dict(ended.state.compilers)) == ((), {})
