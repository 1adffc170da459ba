"""What outcomes make of a state; folding twice gives what folding once gives."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cpi.contract.values import DiskCid, NetworkKind, NetworkSettings, StemcellCid, VmCid
from director.actions.apply import Apply
from director.actions.attach_disk import AttachDisk, AttachDiskResult
from director.actions.detach_disk import DetachDisk
from director.actions.finish_instance import FinishInstance
from director.actions.forget_instance import ForgetInstance
from director.actions.migrate_disk import MigrateDisk, MigrateDiskResult
from director.actions.mount_disk import MountDisk
from director.actions.orphan_disk import OrphanDisk
from director.actions.run_script import RunScript
from director.actions.set_vm_metadata import SetVmMetadata
from director.actions.start import Start
from director.actions.unmount_disk import UnmountDisk
from director.execute import fold
from director.model.agents.agent_address import SshAddress
from director.model.environments.instance_spec import InstanceSpec
from director.model.environments.state import (
    Applied,
    DeploymentState,
    DesiredPower,
    DiskRecord,
    InstanceRecord,
    VmRecord,
)
from director.model.ids import ActionId
from director.model.tasks.entries import Begun, Done, Entry
from director.model.tasks.work import CidResult, Result
from tests.unit.director.execute.plans import (
    EMPTY,
    WEB,
    act,
    creating_disk,
    creating_vm,
    deleting_vm,
    disk,
    plan_of,
    vm_made,
)

VM = VmRecord(
    cid=VmCid("vm-1"),
    action=ActionId("r/create_vm/web-0"),
    stemcell_cid=StemcellCid("s"),
    networks=(NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip="10.0.0.2", prefix=24),),
    agent=SshAddress(host="10.0.0.2", host_key="ssh-ed25519 k"),
)
APPLIED = Applied(configuration_hash="abc", jobs=("web",))


def record_of(state: DeploymentState) -> InstanceRecord:
    found = state.instance(WEB)
    assert found is not None
    return found


def test_a_call_that_begins_makes_its_instance_dirty() -> None:
    assert record_of(fold.fold_begun(EMPTY, act(Start(instance=WEB)))).is_dirty


def test_what_may_be_cut_short_without_harm_makes_nobody_dirty() -> None:
    for work in (
        SetVmMetadata(instance=WEB, tags={}),
        RunScript(instance=WEB, script="post-deploy"),
        FinishInstance(instance=WEB, applied=None),
    ):
        assert fold.fold_begun(EMPTY, act(work)) == EMPTY


def test_a_created_vm_is_written_down_with_what_it_was_made_with() -> None:
    state = fold.fold_result(EMPTY, act(creating_vm()), vm_made())
    assert record_of(state).vm == VM


def test_an_address_left_open_is_filled_in_from_the_outcome() -> None:
    state = fold.fold_result(EMPTY, act(creating_vm(ip="")), vm_made(ip="10.0.0.9"))
    vm = record_of(state).vm
    assert vm is not None
    assert [(net.ip, net.prefix, net.gateway) for net in vm.networks] == [("10.0.0.9", 24, "10.0.0.1")]


def test_a_compile_vm_comes_and_goes() -> None:
    with_vm = fold.fold_result(EMPTY, act(creating_vm(instance=None)), vm_made())
    assert with_vm.compilers == {"compiler-1": VM}
    gone = replace(deleting_vm(), instance=None, compiler="compiler-1")
    assert fold.fold_result(with_vm, act(gone), CidResult(cid="vm-1")) == EMPTY


def test_a_deleted_vm_runs_nothing_and_its_disk_is_loose() -> None:
    disk_record = DiskRecord(cid=DiskCid("d"), action=ActionId("a"), size_mib=1, hint="/dev/x", is_mounted=True)
    before = replace(record_of(EMPTY), vm=VM, disk=disk_record, applied=APPLIED)
    state = fold.fold_result(replace(EMPTY, instances=(before,)), act(deleting_vm()), CidResult(cid="vm-1"))
    loose = replace(disk_record, hint=None, is_mounted=False)
    assert record_of(state) == replace(before, vm=None, applied=None, disk=loose)


def test_a_vm_deleted_long_ago_takes_no_new_one_away() -> None:
    state = fold.fold_result(EMPTY, act(creating_vm()), vm_made("vm-2"))
    assert fold.fold_result(state, act(deleting_vm()), CidResult(cid="vm-1")) == state


def test_a_new_disk_makes_the_present_one_old_until_it_is_let_go() -> None:
    state = fold.fold_entries(EMPTY, plan_of(*(action for action, _ in MIGRATION)), entries_of(MIGRATION))
    assert record_of(state).disk == DiskRecord(
        cid=DiskCid("d-2"), action=ActionId("r/create_disk/2"), size_mib=20, hint="/dev/2", is_mounted=True
    )
    assert record_of(state).old_disk is None


def test_a_finished_instance_is_clean_and_runs_what_was_applied() -> None:
    begun = fold.fold_begun(EMPTY, act(Start(instance=WEB)))
    applied = fold.fold_result(
        begun, act(Apply(instance=WEB, spec=InstanceSpec(jobs=(), spec={}), applied=APPLIED)), Result()
    )
    finish = FinishInstance(instance=WEB, applied=None, wanted=DesiredPower.STOPPED)
    state = fold.fold_result(applied, act(finish), Result())
    assert record_of(state) == replace(record_of(EMPTY), applied=APPLIED, wanted=DesiredPower.STOPPED, is_dirty=False)


def test_a_forgotten_instance_is_gone() -> None:
    assert fold.fold_result(EMPTY, act(ForgetInstance(instance=WEB)), Result()).instances == ()


def test_the_records_of_a_plan_are_written_down_whole() -> None:
    new = replace(record_of(EMPTY), addresses={"default": "10.0.0.7"}, vm=None)
    before = replace(EMPTY, instances=(replace(record_of(EMPTY), vm=VM),))
    assert fold.fold_records(before, replace(plan_of(), records=(new,))).instances == (new,)


MIGRATION = (
    (act(creating_vm(), "r/create_vm/web-0"), vm_made()),
    (act(creating_disk(10), "r/create_disk/1"), disk("d-1")),
    (act(AttachDisk(instance=WEB), "r/attach/1"), AttachDiskResult(cid="d-1", hint="/dev/1")),
    (act(MountDisk(instance=WEB), "r/mount/1"), disk("d-1")),
    (act(creating_disk(20), "r/create_disk/2"), disk("d-2")),
    (act(AttachDisk(instance=WEB), "r/attach/2"), AttachDiskResult(cid="d-2", hint="/dev/2")),
    (act(MountDisk(instance=WEB), "r/mount/2"), disk("d-2")),
    (act(MigrateDisk(instance=WEB), "r/migrate"), MigrateDiskResult(cid="d-2", from_cid="d-1")),
    (act(UnmountDisk(instance=WEB, is_old=True), "r/unmount"), disk("d-1")),
    (act(DetachDisk(instance=WEB, is_old=True), "r/detach"), disk("d-1")),
    (act(OrphanDisk(instance=WEB, is_old=True), "r/orphan"), disk("d-1")),
    (act(FinishInstance(instance=WEB, applied=APPLIED), "r/finish"), Result()),
)


def entries_of(steps: tuple[tuple[object, Result], ...]) -> list[Entry]:
    entries: list[Entry] = []
    for action, result in MIGRATION[: len(steps)]:
        entries += [
            Begun(action=action.id, at=0.0),
            Done(action=action.id, at=1.0, kind=action.work.kind, result=result),
        ]
    return entries


@given(cut=st.integers(min_value=0, max_value=2 * len(MIGRATION)))
def test_folding_a_journal_over_any_state_it_led_to_gives_the_same_end(cut: int) -> None:
    plan, entries = plan_of(*(action for action, _ in MIGRATION)), entries_of(MIGRATION)
    once = fold.fold_entries(EMPTY, plan, entries)
    midway = fold.fold_entries(EMPTY, plan, entries[:cut])
    assert fold.fold_entries(midway, plan, entries) == once
