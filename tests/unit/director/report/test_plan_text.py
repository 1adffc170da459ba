"""The sign before an instance says what becomes of it."""

from dataclasses import replace

from cpi.contract.values import DiskRequest, OwnerKey
from director.actions.attach_disk import AttachDisk
from director.actions.create_disk import CreateDisk
from director.actions.delete_vm import DeleteVm
from director.actions.forget_instance import ForgetInstance
from director.actions.migrate_disk import MigrateDisk
from director.model.ids import ActionId, DeploymentName, EnvironmentName, InstanceId, RunId
from director.model.tasks.plan import Action, Plan
from director.model.tasks.work import Work
from director.report import plan_text

_INSTANCE = InstanceId("i")
_OWNER = OwnerKey(environment="e", deployment="d", action="r/create_disk/web-0")
_NEW_DISK = CreateDisk(cloud="only", instance=_INSTANCE, request=DiskRequest(owner=_OWNER, size_mib=1024))


def _first_line(*works: Work) -> str:
    actions = tuple(
        Action(id=ActionId(f"r/{work.kind}/web-0"), work=work, subject="web/0", reason="why") for work in works
    )
    plan = Plan(run=RunId("r"), environment=EnvironmentName("e"), deployment=DeploymentName("d"), actions=actions)
    return plan_text.plan_lines(plan)[1]


def test_an_instance_that_gets_another_disk_is_no_new_one() -> None:
    assert _first_line(_NEW_DISK, MigrateDisk(instance=_INSTANCE)) == "  ~ web/0: create disk, migrate disk"


def test_an_instance_that_goes_is_gone() -> None:
    gone = DeleteVm(cloud="only", instance=_INSTANCE), ForgetInstance(instance=_INSTANCE)
    assert _first_line(*gone) == "  - web/0: delete vm, forget instance"


def test_named_disks_are_listed_with_what_is_done_to_them() -> None:
    works = [replace(_NEW_DISK, disk=name) for name in ("data", "log")]
    attached = AttachDisk(instance=_INSTANCE, disk="log")
    line = _first_line(*works, attached, MigrateDisk(instance=_INSTANCE))
    assert line == "  ~ web/0: create disk (data, log), attach disk (log), migrate disk"
