"""However far a run came, the next plan continues from there and ends in the same state."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice

import pytest

from director.actions.drain import Drain
from director.actions.stop import Stop
from director.edge.state import state_document
from director.model import as_data
from director.model.environments.desired import Desired, DiskSpec, Group
from director.model.environments.observed import NoAnswer, Observed
from director.model.environments.state import DiskRecord
from director.model.releases.release import PropertyDefinition
from director.model.tasks.plan import Plan
from director.plan import front
from director.plan.request import PlanRequest
from tests.unit.director.plan import scenes

Change = Callable[[Group], Group]


NAMED = {"fast": DiskSpec(size_mib=1024, name="ssd"), "slow log": DiskSpec(size_mib=4096)}


def _desired(change: Change = lambda group: group) -> Desired:
    db = replace(scenes.group("db", 2), disk=DiskSpec(size_mib=1024), packages=("key-db",))
    web = replace(scenes.group("web", 1), packages=("key-ruby",))
    packages = [scenes.need("libc"), scenes.need("db", "libc"), scenes.need("ruby")]
    return scenes.deployment(change(db), web, packages=packages)


CHANGES: dict[str, Change] = {
    "a property": lambda group: replace(group, jobs=(scenes.job("db", properties={"port": 1}),)),
    "more room": lambda group: replace(group, disk=DiskSpec(size_mib=2048)),
    "no disk": lambda group: replace(group, disk=None),
    "another VM": lambda group: replace(group, cloud_properties={"size": "big"}),
    "another VM with more room": lambda group: replace(
        group, cloud_properties={"size": "big"}, disk=DiskSpec(size_mib=2048)
    ),
    "disks with names instead": lambda group: replace(group, disk=None, named_disks=NAMED),
    "disks with names and another VM": lambda group: replace(
        group, disk=None, named_disks=NAMED, cloud_properties={"size": "big"}
    ),
    "fewer": lambda group: replace(group, instances=1),
    "none": lambda group: replace(group, instances=0),
    "more": lambda group: replace(group, instances=4),
}


def _deploy(desired: Desired, observed: Observed, run: str, *, can_resize: bool = False) -> Plan:
    request: PlanRequest = replace(scenes.asked(run), can_resize_disks=can_resize)
    return front.make_plan(desired, observed, request)


def _is_settled(desired: Desired, observed: Observed) -> None:
    plan = _deploy(desired, observed, "last")
    assert scenes.reported(plan) == []
    records = observed.state.instances
    counts = {group.name: group.instances for group in desired.groups}
    assert {name: sum(record.group == name for record in records) for name in counts} == counts
    assert {record.is_dirty for record in records} == {False}
    assert len(observed.vms) == len(records) == sum(counts.values())
    assert observed.state.compilers == {}
    named = {group.name: group.named_disks for group in desired.groups}
    sizes = {group.name: group.disk.size_mib if group.disk else None for group in desired.groups}
    for record in records:
        assert (record.disk.size_mib if record.disk else None) == sizes[record.group]
        assert record.old_disk is None
        assert _sizes(record.named_disks) == _sizes(named[record.group])
        assert record.old_named_disks == {}
    held = {disk.cid for record in records for disk in record.disks}
    there = {disk.cid for disk in observed.disks if "orphaned" not in disk.tags}
    assert held == there, "a disk that nobody has, or one that is not there"


def _sizes(disks: Mapping[str, DiskRecord | DiskSpec]) -> dict[str, int]:
    return {name: disk.size_mib for name, disk in disks.items()}


def test_a_first_deploy_cut_off_anywhere_goes_on() -> None:
    desired = _desired()
    first = _deploy(desired, scenes.nothing(), "run-1")
    for observed in scenes.cuts(first, scenes.nothing()):
        second = _deploy(desired, observed, "run-2")
        _is_settled(desired, scenes.after(second, observed))


@pytest.mark.parametrize(
    ("change", "can_resize"),
    [*((change, False) for change in CHANGES.values()), (CHANGES["more room"], True)],
    ids=[*CHANGES, "more room in place"],
)
def test_an_update_cut_off_anywhere_goes_on(change: Change, can_resize: bool) -> None:
    deployed = scenes.after(_deploy(_desired(), scenes.nothing(), "run-1"), scenes.nothing())
    desired = _desired(change)
    update = _deploy(desired, deployed, "run-2", can_resize=can_resize)
    assert update.actions
    _is_settled(desired, scenes.after(update, deployed))
    for observed in scenes.cuts(update, deployed):
        again = _deploy(desired, observed, "run-3", can_resize=can_resize)
        _is_settled(desired, scenes.after(again, observed))


def test_a_reload_restarts_nothing_and_cut_off_anywhere_it_is_a_restart() -> None:
    plain = scenes.job("db", scripts=["reload-properties"])
    word = PropertyDefinition(name="word", is_reloaded=True)
    job = replace(plain, source=replace(plain.source, properties=(word,)))

    def saying(text: str) -> Desired:
        return _desired(lambda group: replace(group, jobs=(replace(job, properties={"word": text}),)))

    before, desired = saying("one"), saying("two")
    deployed = scenes.after(_deploy(before, scenes.nothing(), "run-1"), scenes.nothing())
    update = _deploy(desired, deployed, "run-2")
    kinds = ["apply", "start", "run_script", "await_running", "finish_instance"]
    assert [action.work.kind for action in update.actions if action.subject == "db/0"] == kinds
    begun = 0
    for observed in scenes.cuts(update, deployed):
        again = _deploy(desired, observed, "run-3")
        dirty = [record.name for record in observed.state.instances if record.is_dirty]
        stopped = [action.subject for action in again.actions if isinstance(action.work, Stop)]
        assert sorted(stopped) == sorted(dirty)
        begun += len(dirty)
        _is_settled(desired, scenes.after(again, observed))
    assert begun


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_an_update_cut_off_anywhere_can_be_taken_back(change: Change) -> None:
    before = _desired()
    deployed = scenes.after(_deploy(before, scenes.nothing(), "run-1"), scenes.nothing())
    update = _deploy(_desired(change), deployed, "run-2")
    for observed in islice(scenes.cuts(update, deployed), None, None, 2):
        back = _deploy(before, observed, "run-3")
        _is_settled(before, scenes.after(back, observed))


def test_an_update_cut_off_with_its_vms_lost_goes_on_with_the_same_disks() -> None:
    deployed = scenes.after(_deploy(_desired(), scenes.nothing(), "run-1"), scenes.nothing())
    desired = _desired(CHANGES["more room"])
    update = _deploy(desired, deployed, "run-2")
    for observed in scenes.cuts(update, deployed):
        lost = replace(observed, vms=(), disks=tuple(replace(disk, vm_cid=None) for disk in observed.disks))
        again = _deploy(desired, lost, "run-3")
        ended = scenes.after(again, lost)
        _is_settled(desired, ended)
        assert _content(ended) == _content(deployed)


def _named(change: Change = lambda group: group) -> Desired:
    return _desired(lambda group: change(replace(group, disk=None, named_disks=NAMED)))


NAMED_CHANGES: dict[str, Change] = {
    "a property": CHANGES["a property"],
    "another VM": CHANGES["another VM"],
    "another size": lambda group: replace(group, named_disks={**NAMED, "fast": DiskSpec(size_mib=512)}),
    "other properties": lambda group: replace(
        group, named_disks={**NAMED, "fast": DiskSpec(size_mib=1024, cloud_properties={"type": "gp3"})}
    ),
    "another size and another VM": lambda group: replace(
        group, named_disks={**NAMED, "fast": DiskSpec(size_mib=512)}, cloud_properties={"size": "big"}
    ),
    "one less": lambda group: replace(group, named_disks={"fast": NAMED["fast"]}),
    "one more": lambda group: replace(group, named_disks={**NAMED, "new": DiskSpec(size_mib=1)}),
    "another name": lambda group: replace(group, named_disks={"quick": NAMED["fast"], "slow log": NAMED["slow log"]}),
    "one on the store": lambda group: replace(group, named_disks={}, disk=DiskSpec(size_mib=1024)),
    "none": CHANGES["none"],
}


def _named_content(observed: Observed) -> dict[tuple[str, str], object]:
    found = {disk.cid: disk.tags.get("content") for disk in observed.disks}
    return {
        (record.name, name): found[disk.cid]
        for record in observed.state.instances
        for name, disk in record.named_disks.items()
    }


@pytest.mark.parametrize("is_swapping", [False, True], ids=["in place", "swapped"])
@pytest.mark.parametrize("name", NAMED_CHANGES)
def test_an_update_of_named_disks_cut_off_anywhere_goes_on_and_keeps_what_stays(name: str, is_swapping: bool) -> None:
    before, desired = _named(), _named(NAMED_CHANGES[name])
    if is_swapping:
        before, desired = _swapped(before), _swapped(desired)
    deployed = scenes.after(_deploy(before, scenes.nothing(), "run-1"), scenes.nothing())
    update = _deploy(desired, deployed, "run-2", can_resize=True)
    assert update.actions
    kept = _kept(before, desired, deployed)
    for observed in (scenes.after(update, deployed), *scenes.cuts(update, deployed)):
        ended = scenes.after(_deploy(desired, observed, "run-3", can_resize=True), observed)
        _is_settled(desired, ended)
        assert kept.items() <= _named_content(ended).items()


@pytest.mark.parametrize("name", NAMED_CHANGES)
def test_an_update_of_named_disks_cut_off_anywhere_can_be_taken_back(name: str) -> None:
    before = _named()
    deployed = scenes.after(_deploy(before, scenes.nothing(), "run-1"), scenes.nothing())
    update = _deploy(_named(NAMED_CHANGES[name]), deployed, "run-2")
    for observed in scenes.cuts(update, deployed):
        _is_settled(before, scenes.after(_deploy(before, observed, "run-3"), observed))


def test_named_disks_are_moved_with_the_vm_and_another_size_is_another_disk_without_migration() -> None:
    deployed = scenes.after(_deploy(_named(), scenes.nothing(), "run-1"), scenes.nothing())
    moved = _deploy(_named(CHANGES["another VM"]), deployed, "run-2")
    of_disks = [kind for kind in scenes.kinds(moved, "db/0") if "disk" in kind]
    assert of_disks == [*["dissociate_disk", "detach_disk"] * 2, *["attach_disk", "associate_disk"] * 2]
    resized = _deploy(_named(NAMED_CHANGES["another size"]), deployed, "run-3", can_resize=True)
    assert [kind for kind in scenes.kinds(resized, "db/0") if "disk" in kind] == [
        "create_disk",
        "dissociate_disk",
        "attach_disk",
        "associate_disk",
        "detach_disk",
        "orphan_disk",
    ]
    drains = [
        [action.work.type for action in plan.actions if isinstance(action.work, Drain) and action.subject == "db/0"]
        for plan in (resized, _deploy(_named(CHANGES["a property"]), deployed, "run-4"))
    ]
    assert drains == [["shutdown"], ["update"]], "jobs stop using a disk that goes"
    reasons = {action.reason for action in resized.actions if action.subject == "db/0"}
    assert reasons == {"persistent disk 'fast' from 1024 to 512 MiB: an empty disk replaces it"}


def test_a_state_of_before_named_disks_changes_nothing_and_keeps_its_disk() -> None:
    deployed = scenes.after(_deploy(_desired(), scenes.nothing(), "run-1"), scenes.nothing())
    saved = json.loads(json.dumps(as_data.encode(deployed.state)))
    for instance in saved["instances"]:
        del instance["named_disks"], instance["old_named_disks"]
    before = replace(deployed, state=state_document.decode(saved))
    assert [record.disks for record in before.state.instances] == [one.disks for one in deployed.state.instances]
    assert _deploy(_desired(), before, "run-2").actions == ()


def test_disks_whose_names_differ_in_signs_alone_are_two_disks() -> None:
    names = {"a b": DiskSpec(size_mib=1), "a-b": DiskSpec(size_mib=1), "a/b": DiskSpec(size_mib=1)}
    desired = _desired(lambda group: replace(group, instances=1, disk=None, named_disks=names))
    plan = _deploy(desired, scenes.nothing(), "run-1")
    assert len({action.id for action in plan.actions}) == len(plan.actions)
    _is_settled(desired, scenes.after(plan, scenes.nothing()))


def _kept(before: Desired, desired: Desired, deployed: Observed) -> dict[tuple[str, str], object]:
    was, wanted = before.groups[0], desired.groups[0]
    same = {name for name, disk in was.named_disks.items() if wanted.named_disks.get(name) == disk}
    content = _named_content(deployed)
    assert content and set(content.values()) <= {"of db/0", "of db/1"}
    return {key: held for key, held in content.items() if key[1] in same and wanted.instances}


def _swapped(desired: Desired) -> Desired:
    swap = replace(scenes.policy(), is_swapping=True)
    return replace(desired, groups=tuple(replace(group, update=swap) for group in desired.groups))


def _content(observed: Observed) -> dict[str, object]:
    """Whose content each present disk holds: a migration copies it, as the fake's tags note."""
    found = {disk.cid: disk.tags.get("content") for disk in observed.disks}
    return {record.name: found[record.disk.cid] for record in observed.state.instances if record.disk}


def _swapping(change: Change = lambda group: group) -> Desired:
    return _swapped(_desired(change))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_an_update_that_swaps_vms_goes_on_wherever_it_is_cut_off(change: Change) -> None:
    deployed = scenes.after(_deploy(_swapping(), scenes.nothing(), "run-1"), scenes.nothing())
    desired = _swapping(change)
    update = _deploy(desired, deployed, "run-2")
    ended = scenes.after(update, deployed)
    _is_settled(desired, ended)
    for observed in scenes.cuts(update, deployed):
        again = scenes.after(_deploy(desired, observed, "run-3"), observed)
        _is_settled(desired, again)
        if desired.groups[0].disk == _swapping().groups[0].disk:
            kept = {name: content for name, content in _content(again).items() if name in _content(deployed)}
            assert kept.items() <= _content(deployed).items()


def test_the_next_vm_is_created_beside_the_old_one_with_addresses_of_its_own() -> None:
    deployed = scenes.after(_deploy(_swapping(), scenes.nothing(), "run-1"), scenes.nothing())
    update = _deploy(_swapping(CHANGES["another VM"]), deployed, "run-2")
    assert scenes.kinds(update, "db/0") == [
        "create_vm",
        "await_agent",
        "run_script",
        "drain",
        "stop",
        "run_script",
        "unmount_disk",
        "detach_disk",
        "elect_vm",
        "send_packages",
        "prepare",
        "attach_disk",
        "mount_disk",
        "apply",
        "start",
        "await_running",
        "finish_instance",
        "delete_vm",
    ]
    assert {action.reason for action in update.actions if action.subject == "db/0"} == {"VM's 'size' changed"}
    created = [action for action in update.actions if action.work.kind == "create_vm"]
    assert [action.after for action in created] == [(), ()], "all at once"
    before = {net.ip for record in deployed.state.instances if record.vm for net in record.vm.networks}
    ended = scenes.after(update, deployed)
    after = {net.ip for record in ended.state.instances if record.vm for net in record.vm.networks}
    kept = {
        net.ip for record in ended.state.instances if record.vm and record.group == "web" for net in record.vm.networks
    }
    assert before & after == kept
    assert not scenes.reported(_deploy(_swapping(CHANGES["another VM"]), ended, "run-3"))


def test_a_vm_whose_agent_is_silent_is_deleted_first() -> None:
    deployed = scenes.after(_deploy(_swapping(), scenes.nothing(), "run-1"), scenes.nothing())
    silent = {record.id: NoAnswer(code="x", why="y") for record in deployed.state.instances if record.group == "db"}
    request = replace(scenes.asked("run-2"), is_fix=True)
    plan = front.make_plan(_swapping(), replace(deployed, agents={**deployed.agents, **silent}), request)
    assert scenes.kinds(plan, "db/0")[:2] == ["delete_vm", "create_vm"]


def _addresses(observed: Observed, group: str) -> set[str]:
    vms = [record.vm for record in observed.state.instances if record.vm and record.group == group]
    return {str(net.ip) for vm in vms for net in vm.networks}
