"""`--recreate-persistent-disks`: every disk is replaced by a new one with its content, wherever the run is cut off."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from director.actions.drain import Drain
from director.model.environments.desired import Desired, DiskSpec, Group
from director.model.environments.observed import Observed
from director.model.tasks.plan import Plan
from director.plan import front
from tests.unit.director.plan import scenes

NAMED = {"fast": DiskSpec(size_mib=1024), "slow": DiskSpec(size_mib=4096)}
CHANGES: dict[str, Callable[[Group], Group]] = {
    "nothing else": lambda group: group,
    "more room": lambda group: replace(group, disk=DiskSpec(size_mib=2048)),
    "another VM": lambda group: replace(group, cloud_properties={"size": "big"}),
    "another VM beside it": lambda group: replace(
        group, cloud_properties={"size": "big"}, update=replace(scenes.policy(), is_swapping=True)
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("is_asked_again", [True, False])
def test_cut_off_anywhere_each_disk_is_new_and_has_the_content_of_the_old_one(
    change: Callable[[Group], Group], *, is_asked_again: bool
) -> None:
    deployed = scenes.after(_deploy(_desired(), scenes.nothing()), scenes.nothing())
    desired = _desired(change)
    renewal = _deploy(desired, deployed, "run-2", is_renewing=True)
    ended = scenes.after(renewal, deployed)
    _is_renewed(ended, deployed)
    assert scenes.reported(_deploy(desired, ended, "last")) == []
    for observed in scenes.cuts(renewal, deployed):
        after = scenes.after(_deploy(desired, observed, "run-3", is_renewing=is_asked_again), observed)
        assert scenes.reported(_deploy(desired, after, "last")) == []
        assert _content(after) == _content(deployed)
        if is_asked_again:
            _is_renewed(after, deployed)


def test_each_instance_that_loses_a_disk_is_planned_and_drained() -> None:
    deployed = scenes.after(_deploy(_desired(), scenes.nothing()), scenes.nothing())
    plan = _deploy(_desired(), deployed, "run-2", is_renewing=True, can_resize=True)
    assert {change.name: change.reasons for change in plan.changes} == {
        "db/0": ("a new persistent disk asked",),
        "db/1": ("a new persistent disk asked",),
    }
    assert [(each.is_copied, each.is_deleted) for change in plan.changes for each in change.lost_disks] == [
        (True, False)
    ] * 2
    assert {action.work.type for action in plan.actions if isinstance(action.work, Drain)} == {"shutdown"}


def test_one_that_was_cut_off_while_content_moved_is_not_replaced_once_more() -> None:
    deployed = scenes.after(_deploy(_desired(), scenes.nothing()), scenes.nothing())
    renewal = _deploy(_desired(), deployed, "run-2", is_renewing=True)
    cut = next(
        observed for observed in scenes.cuts(renewal, deployed) if any(one.old_disk for one in observed.state.instances)
    )
    moving = next(one for one in cut.state.instances if one.old_disk)
    again = _deploy(_desired(), cut, "run-3", is_renewing=True)
    assert scenes.kinds(again, moving.name).count("create_disk") == 0
    assert scenes.kinds(again, moving.name).count("migrate_disk") == 1


def test_disks_with_names_are_replaced_by_empty_ones_and_the_plan_says_so() -> None:
    desired = _desired(lambda group: replace(group, disk=None, named_disks=NAMED))
    deployed = scenes.after(_deploy(desired, scenes.nothing()), scenes.nothing())
    plan = _deploy(desired, deployed, "run-2", is_renewing=True)
    (first, _) = plan.changes
    assert first.reasons[0].split("; ") == [
        "persistent disk 'fast' to be recreated: an empty disk replaces it",
        "persistent disk 'slow' to be recreated: an empty disk replaces it",
    ]
    assert [(each.name, each.is_copied) for each in first.lost_disks] == [("fast", False), ("slow", False)]
    for observed in (*scenes.cuts(plan, deployed), deployed):
        ended = scenes.after(_deploy(desired, observed, "run-3", is_renewing=True), observed)
        assert not _cids(ended) & _cids(deployed)
        assert scenes.reported(_deploy(desired, ended, "last")) == []


def _is_renewed(observed: Observed, deployed: Observed) -> None:
    assert _content(observed) == _content(deployed)
    assert not _cids(observed) & _cids(deployed)
    orphaned = {disk.cid for disk in observed.disks if "orphaned" in disk.tags}
    assert _cids(deployed) <= orphaned


def _desired(change: Callable[[Group], Group] = lambda group: group) -> Desired:
    db = replace(scenes.group("db", 2), disk=DiskSpec(size_mib=1024))
    return scenes.deployment(change(db), scenes.group("web", 1))


def _deploy(
    desired: Desired, observed: Observed, run: str = "run-1", *, is_renewing: bool = False, can_resize: bool = False
) -> Plan:
    request = replace(scenes.asked(run), is_renewing_disks=is_renewing, can_resize_disks=can_resize)
    return front.make_plan(desired, observed, request)


def _cids(observed: Observed) -> set[str]:
    return {disk.cid for record in observed.state.instances for disk in record.disks}


def _content(observed: Observed) -> dict[str, object]:
    """Whose content each disk holds: a migration copies it, as the fake's tags note."""
    found = {disk.cid: disk.tags.get("content") for disk in observed.disks}
    return {record.name: found[record.disk.cid] for record in observed.state.instances if record.disk}
