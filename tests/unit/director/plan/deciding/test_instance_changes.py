"""What a plan makes of each instance, with its data."""

from dataclasses import replace

import pytest

from director.model.environments.desired import Desired, DiskSpec
from director.model.environments.observed import Observed
from director.model.ids import GroupName
from director.model.tasks.plan import Becomes, LostDisk, Plan
from director.plan import front
from director.plan.request import InstanceRequest
from tests.unit.director.plan import scenes

_DB = replace(scenes.group("db"), disk=DiskSpec(size_mib=1024), size="small")


def _deployed(desired: Desired) -> Observed:
    return scenes.after(front.make_plan(desired, scenes.nothing(), scenes.asked()), scenes.nothing())


def _becoming(plan: Plan) -> dict[str, Becomes]:
    return {change.name: change.becomes for change in plan.changes}


def test_a_new_instance_is_told_with_its_size_address_and_disk() -> None:
    (change,) = front.make_plan(scenes.deployment(_DB), scenes.nothing(), scenes.asked()).changes
    assert (change.becomes, change.size, change.addresses, change.disk_mib) == (
        Becomes.NEW,
        "small",
        ("10.0.0.2",),
        1024,
    )


def test_what_is_unchanged_is_not_told() -> None:
    desired = scenes.deployment(_DB, scenes.group("web"))
    wanted = replace(desired, groups=(_DB, replace(scenes.group("web"), instances=2)))
    assert _becoming(front.make_plan(wanted, _deployed(desired), scenes.asked("again"))) == {"web/1": Becomes.NEW}


def test_an_instance_that_only_runs_its_post_deploy_script_is_unchanged() -> None:
    web = replace(scenes.group("web"), jobs=(scenes.job("web", scripts=["post-deploy"]),))
    observed = _deployed(scenes.deployment(web))
    plan = front.make_plan(scenes.deployment(replace(web, instances=2)), observed, scenes.asked("again"))
    assert {action.subject for action in plan.actions if action.work.detail == "post-deploy"} == {"web/0", "web/1"}
    assert (_becoming(plan), plan.kept) == ({"web/1": Becomes.NEW}, 1)


def test_an_instance_of_a_renamed_group_says_what_it_was() -> None:
    observed = _deployed(scenes.deployment(_DB))
    renamed = replace(_DB, name=GroupName("store"), migrated_from=("db",))
    (change,) = front.make_plan(scenes.deployment(renamed), observed, scenes.asked("again")).changes
    assert (change.name, change.becomes, change.reasons[0]) == ("store/0", Becomes.UPDATED, "its group was db")


@pytest.mark.parametrize(
    ("asked", "becomes"),
    [
        (InstanceRequest.RECREATE, Becomes.RECREATED),
        (InstanceRequest.RESTART, Becomes.RESTARTED),
        (InstanceRequest.STOPPED, Becomes.STOPPED),
        (InstanceRequest.DETACHED, Becomes.DETACHED),
    ],
)
def test_what_a_user_asks_for_is_what_an_instance_becomes(asked: InstanceRequest, becomes: Becomes) -> None:
    desired = scenes.deployment(_DB)
    plan = front.make_plan(desired, _deployed(desired), scenes.asked("again", {"db": asked}))
    assert _becoming(plan) == {"db/0": becomes}


def test_an_instance_that_was_stopped_is_started_and_with_another_property_updated() -> None:
    desired = scenes.deployment(_DB)
    observed = _deployed(desired)
    stopping = front.make_plan(desired, observed, scenes.asked("s", {"db": InstanceRequest.STOPPED}))
    stopped = scenes.after(stopping, observed)
    start = scenes.asked("again", {"db": InstanceRequest.STARTED})
    assert _becoming(front.make_plan(desired, stopped, start)) == {"db/0": Becomes.STARTED}
    changed = scenes.deployment(replace(_DB, jobs=(scenes.job("db", properties={"port": 1}),)))
    assert _becoming(front.make_plan(changed, stopped, start)) == {"db/0": Becomes.UPDATED}


def test_what_is_stopped_on_purpose_is_named() -> None:
    desired = scenes.deployment(_DB)
    observed = _deployed(desired)
    stopped = scenes.after(
        front.make_plan(desired, observed, scenes.asked("s", {"db": InstanceRequest.STOPPED})), observed
    )
    plan = front.make_plan(desired, stopped, scenes.asked("again"))
    assert (plan.is_empty, plan.stopped) == (True, ("db/0",))


def test_a_disk_that_an_instance_loses_is_an_orphan() -> None:
    observed = _deployed(scenes.deployment(_DB))
    plan = front.make_plan(scenes.deployment(replace(_DB, disk=None)), observed, scenes.asked("again"))
    assert [change.lost_disks for change in plan.changes] == [(LostDisk(size_mib=1024),)]


def test_a_disk_of_another_size_is_copied_first() -> None:
    observed = _deployed(scenes.deployment(_DB))
    plan = front.make_plan(
        scenes.deployment(replace(_DB, disk=DiskSpec(size_mib=512))), observed, scenes.asked("again")
    )
    (change,) = plan.changes
    assert (change.becomes, change.disk_mib) == (Becomes.UPDATED, 512)
    assert change.lost_disks == (LostDisk(size_mib=1024, is_copied=True),)


def test_a_named_disk_that_is_replaced_is_not_copied() -> None:
    named = replace(_DB, disk=None, named_disks={"data": DiskSpec(size_mib=100, name="data")})
    other = replace(_DB, disk=None, named_disks={"data": DiskSpec(size_mib=200, name="data")})
    plan = front.make_plan(scenes.deployment(other), _deployed(scenes.deployment(named)), scenes.asked("again"))
    assert [change.lost_disks for change in plan.changes] == [(LostDisk(size_mib=100, name="data"),)]


@pytest.mark.parametrize("is_deleting", [False, True])
def test_a_teardown_tells_what_becomes_of_each_disk(is_deleting: bool) -> None:
    request = replace(scenes.asked("down"), is_deleting_disks=is_deleting)
    plan = front.make_teardown_plan(_deployed(scenes.deployment(_DB)), request)
    (change,) = plan.changes
    assert change.becomes is Becomes.DELETED
    assert change.lost_disks == (LostDisk(size_mib=1024, is_deleted=is_deleting),)
