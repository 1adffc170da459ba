"""Errands: on service instances as they are, on errand groups with VMs that come and go."""

from dataclasses import replace

import pytest

from cpi.contract.values import VmCid, VmState
from director.actions.create_vm import CreateVm
from director.actions.delete_vm import DeleteVm
from director.actions.run_errand import RunErrand, RunErrandResult
from director.errors import InputError
from director.execute import fold
from director.model.environments.desired import Desired, DiskSpec, GroupNetwork, Lifecycle
from director.model.environments.observed import Observed
from director.plan import front
from director.plan.request import ErrandRequest, InstanceRequest
from tests.unit.director.plan import scenes


def _desired() -> Desired:
    smoke = replace(
        scenes.group("smoke"),
        lifecycle=Lifecycle.ERRAND,
        jobs=(scenes.job("smoke-tests", scripts=["run"]),),
        packages=("key-curl",),
    )
    db = replace(scenes.group("db", 2), jobs=(scenes.job("db"), scenes.job("backup", scripts=["run"])))
    return scenes.deployment(db, smoke, packages=[scenes.need("curl")])


def _deployed(desired: Desired) -> Observed:
    return scenes.after(front.make_plan(desired, scenes.nothing(), scenes.asked()), scenes.nothing())


def test_an_errand_group_is_compiled_by_a_deploy_and_has_no_vm() -> None:
    observed = _deployed(_desired())
    assert sorted(record.name for record in observed.state.instances) == ["db/0", "db/1"]
    assert list(observed.compiled) == ["key-curl"]


def test_an_errand_runs_on_every_service_instance_that_has_its_job() -> None:
    desired = _desired()
    plan = front.make_errand_plan(desired, _deployed(desired), scenes.asked("e"), errand=ErrandRequest(name="backup"))
    assert scenes.reported(plan) == ["run_errand/db-0/backup", "run_errand/db-1/backup"]


def test_an_errand_can_be_limited_to_some_instances() -> None:
    desired = _desired()
    errand = ErrandRequest(name="backup", instances=("db/1",))
    plan = front.make_errand_plan(desired, _deployed(desired), scenes.asked("e"), errand=errand)
    assert scenes.reported(plan) == ["run_errand/db-1/backup"]


def test_an_errand_runs_the_second_time_as_it_did_the_first() -> None:
    desired = _desired()
    observed, errand = _deployed(desired), ErrandRequest(name="smoke")
    first = front.make_errand_plan(desired, observed, scenes.asked("e"), errand=errand)
    rested = scenes.after(first, observed)
    second = front.make_errand_plan(desired, rested, scenes.asked("f"), errand=errand)
    assert scenes.reported(second) == scenes.reported(first)
    assert front.make_plan(desired, rested, scenes.asked("g")).is_empty


@pytest.mark.parametrize("name", ["smoke", "smoke-tests"])
def test_an_errand_group_gets_its_vm_runs_and_loses_it(name: str) -> None:
    desired = _desired()
    observed = _deployed(desired)
    plan = front.make_errand_plan(desired, observed, scenes.asked("e"), errand=ErrandRequest(name=name))
    assert scenes.reported(plan) == [
        "create_vm/smoke-0",
        "await_agent/smoke-0 <- create_vm/smoke-0",
        "send_packages/smoke-0 <- await_agent/smoke-0",
        "prepare/smoke-0 <- send_packages/smoke-0",
        "apply/smoke-0 [smoke] enters <- prepare/smoke-0",
        "start/smoke-0 [smoke] <- apply/smoke-0",
        "await_running/smoke-0 [smoke] <- start/smoke-0",
        "finish_instance/smoke-0 [smoke] leaves <- await_running/smoke-0",
        "run_errand/smoke-0/smoke-tests <- finish_instance/smoke-0",
        (
            "delete_vm/smoke-0/errand cleanup <- create_vm/smoke-0, await_agent/smoke-0, send_packages/smoke-0, "
            "prepare/smoke-0, apply/smoke-0, start/smoke-0, await_running/smoke-0, finish_instance/smoke-0, "
            "run_errand/smoke-0/smoke-tests"
        ),
        "finish_instance/smoke-0/errand <- delete_vm/smoke-0/errand",
    ]
    ended = scenes.after(plan, observed)
    assert len(ended.vms) == 2
    assert front.make_plan(desired, ended, scenes.asked("again")).is_empty


def test_the_disks_of_an_errand_group_are_detached_before_its_vm_goes_and_are_there_the_next_time() -> None:
    desired = _desired()
    named = {"data": DiskSpec(size_mib=1), "log": DiskSpec(size_mib=1)}
    groups = [replace(each, named_disks=named) if each.name == "smoke" else each for each in desired.groups]
    desired = replace(desired, groups=tuple(groups))
    observed, errand = _deployed(desired), ErrandRequest(name="smoke")
    first = front.make_errand_plan(desired, observed, scenes.asked("e"), errand=errand)
    assert [kind for kind in scenes.kinds(first, "smoke/0") if "disk" in kind or kind == "delete_vm"] == [
        *["create_disk"] * 2,
        *["attach_disk", "associate_disk"] * 2,
        *["dissociate_disk", "detach_disk"] * 2,
        "delete_vm",
    ]
    rested = scenes.after(first, observed)
    assert front.make_plan(desired, rested, scenes.asked("g")).is_empty
    second = front.make_errand_plan(desired, rested, scenes.asked("f"), errand=errand)
    assert "create_disk" not in scenes.kinds(second, "smoke/0")
    assert [disk.cid for disk in scenes.after(second, rested).disks] == [disk.cid for disk in rested.disks]


def test_a_vm_kept_alive_is_updated_by_a_deploy_and_used_again() -> None:
    desired = _desired()
    observed = _deployed(desired)
    errand = ErrandRequest(name="smoke", is_keeping_alive=True)
    kept = scenes.after(front.make_errand_plan(desired, observed, scenes.asked("e1"), errand=errand), observed)
    assert front.make_plan(desired, kept, scenes.asked("again")).is_empty
    again = front.make_errand_plan(desired, kept, scenes.asked("e2"), errand=errand)
    assert scenes.reported(again) == ["run_errand/smoke-0/smoke-tests"]


def test_an_unknown_errand_is_refused_with_those_there_are() -> None:
    desired = _desired()
    with pytest.raises(InputError) as caught:
        front.make_errand_plan(desired, _deployed(desired), scenes.asked("e"), errand=ErrandRequest(name="smok"))
    assert (caught.value.code, caught.value.why) == ("errand-unknown", "Its errands are: backup, smoke, smoke-tests.")


def test_an_errand_on_a_stopped_instance_is_refused() -> None:
    desired = _desired()
    observed = _deployed(desired)
    stop = front.make_plan(desired, observed, scenes.asked("s", {"db/1": InstanceRequest.STOPPED}))
    with pytest.raises(InputError) as caught:
        front.make_errand_plan(
            desired, scenes.after(stop, observed), scenes.asked("e"), errand=ErrandRequest(name="backup")
        )
    assert (caught.value.code, caught.value.what) == (
        "errand-instance-stopped",
        "Errand 'backup' cannot run: db/1 is stopped.",
    )


def test_an_errand_group_waits_for_the_stray_that_holds_its_address_and_leaves_other_strays() -> None:
    listed = GroupNetwork(name="default", static_ips=("10.0.0.10",), defaults=("dns", "gateway"))
    desired = _desired()
    smoke = replace(desired.groups[1], networks=(listed,))
    desired = replace(desired, groups=(desired.groups[0], smoke))
    observed, errand = _deployed(desired), ErrandRequest(name="smoke")
    first = front.make_errand_plan(desired, observed, scenes.asked("e"), errand=replace(errand, is_keeping_alive=True))
    kept = scenes.after(first, observed)
    (made,) = (vm for vm in kept.vms if any(net.ip == "10.0.0.10" for net in vm.created.networks))
    other = replace(made, created=replace(made.created, cid=VmCid("other"), networks=()))
    strayed = replace(observed, vms=(*observed.vms, replace(made, state=VmState.INCOMPLETE), other))
    plan = front.make_errand_plan(desired, strayed, scenes.asked("f"), errand=errand)
    (delete,) = (one for one in plan.actions if isinstance(one.work, DeleteVm) and one.work.cid)
    (create,) = (one for one in plan.actions if isinstance(one.work, CreateVm))
    assert isinstance(delete.work, DeleteVm)
    assert (delete.work.cid, delete.id in create.after) == (made.created.cid, True)


@pytest.mark.parametrize(("name", "instances"), [("backup", 2), ("smoke", 1)])
def test_an_errand_that_waits_for_changes_is_skipped_once_it_succeeded(name: str, instances: int) -> None:
    desired = _desired()
    observed, errand = _deployed(desired), ErrandRequest(name=name, is_when_changed=True)
    first = front.make_errand_plan(desired, observed, scenes.asked("e"), errand=errand)
    assert sum(isinstance(action.work, RunErrand) for action in first.actions) == instances
    done = scenes.after(first, observed)
    assert front.make_errand_plan(desired, done, scenes.asked("f"), errand=errand).is_empty
    plain = replace(errand, is_when_changed=False)
    assert not front.make_errand_plan(desired, done, scenes.asked("f"), errand=plain).is_empty
    changed = replace(
        desired,
        groups=tuple(
            replace(group, jobs=tuple(replace(job, properties={"port": 1}) for job in group.jobs))
            for group in desired.groups
        ),
    )
    updated = scenes.after(front.make_plan(changed, done, scenes.asked("g")), done)
    assert not front.make_errand_plan(changed, updated, scenes.asked("h"), errand=errand).is_empty


def test_an_errand_that_failed_runs_again_without_a_change() -> None:
    desired = _desired()
    observed, errand = _deployed(desired), ErrandRequest(name="backup", is_when_changed=True)
    plan = front.make_errand_plan(desired, observed, scenes.asked("e"), errand=errand)
    state = observed.state
    for code, action in zip((0, 1), plan.actions, strict=True):
        state = fold.fold_result(state, action, RunErrandResult(exit_code=code))
    again = front.make_errand_plan(desired, replace(observed, state=state), scenes.asked("f"), errand=errand)
    assert [action.subject for action in again.actions] == ["db/0", "db/1"]


def test_an_errand_passes_an_ignored_instance_over() -> None:
    desired = _desired()
    observed = _deployed(desired)
    records = [replace(each, is_ignored=each.name == "db/0") for each in observed.state.instances]
    observed = replace(observed, state=replace(observed.state, instances=tuple(records)))
    plan = front.make_errand_plan(desired, observed, scenes.asked("e"), errand=ErrandRequest(name="backup"))
    assert [action.subject for action in plan.actions] == ["db/1"]
