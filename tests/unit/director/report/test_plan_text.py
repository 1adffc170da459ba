"""The sign before an instance says what becomes of it."""

from dataclasses import replace

from cpi.contract.values import DiskRequest, OwnerKey
from director.actions.attach_disk import AttachDisk
from director.actions.create_disk import CreateDisk
from director.actions.delete_vm import DeleteVm
from director.actions.forget_instance import ForgetInstance
from director.actions.migrate_disk import MigrateDisk
from director.actions.run_script import RunScript
from director.model.ids import ActionId, DeploymentName, EnvironmentName, InstanceId, RunId
from director.model.tasks.plan import Action, Becomes, Gate, InstanceChange, LostDisk, ManifestDifference, Plan
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
    return plan_text.action_lines(plan)[0]


def test_an_instance_that_gets_another_disk_is_no_new_one() -> None:
    assert _first_line(_NEW_DISK, MigrateDisk(instance=_INSTANCE)) == "  ~ web/0: create disk, migrate disk (why)"


def test_an_instance_that_goes_is_gone() -> None:
    gone = DeleteVm(cloud="only", instance=_INSTANCE), ForgetInstance(instance=_INSTANCE)
    assert _first_line(*gone) == "  - web/0: delete vm, forget instance (why)"


def test_named_disks_are_listed_with_what_is_done_to_them() -> None:
    works = [replace(_NEW_DISK, disk=name) for name in ("data", "log")]
    attached = AttachDisk(instance=_INSTANCE, disk="log")
    line = _first_line(*works, attached, MigrateDisk(instance=_INSTANCE))
    assert line == "  ~ web/0: create disk (data, log), attach disk (log), migrate disk (why)"


def test_a_plan_fits_80_columns_and_tells_changes_reasons_values_and_data() -> None:
    changes = (
        InstanceChange(
            name="db/0",
            group="db",
            becomes=Becomes.RECREATED,
            az="z1",
            size="large",
            addresses=("10.0.0.9",),
            disk_mib=2048,
            lost_disks=(LostDisk(size_mib=1024, is_copied=True),),
            reasons=("stemcell changed",),
        ),
        InstanceChange(
            name="web/0",
            group="web",
            becomes=Becomes.UPDATED,
            az="z1",
            size="small",
            addresses=("10.0.0.10",),
            reasons=("configuration of web changed",),
        ),
        InstanceChange(
            name="web/1",
            group="web",
            becomes=Becomes.UPDATED,
            az="z2",
            size="small",
            addresses=("10.0.0.11",),
            reasons=("configuration of web changed",),
        ),
        InstanceChange(
            name="web/10",
            group="web",
            becomes=Becomes.NEW,
            az="z3",
            size="small",
            addresses=("10.0.0.12",),
            reasons=("new instance",),
        ),
        InstanceChange(
            name="old/0",
            group="old",
            becomes=Becomes.DELETED,
            az="z1",
            lost_disks=(LostDisk(size_mib=10240), LostDisk(size_mib=5, name="log", is_deleted=True)),
            reasons=("its group is no longer in the manifest",),
        ),
    )
    differences = (
        ManifestDifference(path="release web: version", before='"1"', after='"2"'),
        ManifestDifference(path="job web: greeting", group="web", before='"Hello"', after=f'"{"Good day " * 8}"'),
        ManifestDifference(path="job web: port", group="web", after="80"),
        ManifestDifference(path="job sidecar", group="web", before="there"),
    )
    action = Action(id=ActionId("r/start/web-0"), work=MigrateDisk(instance=_INSTANCE), subject="web/0", reason="why")
    plan = Plan(
        run=RunId("r"),
        environment=EnvironmentName("e"),
        deployment=DeploymentName("d"),
        actions=(action,),
        kept=3,
        stopped=("cache/0",),
        changes=changes,
        differences=differences,
    )
    assert plan_text.plan_lines(plan) == (
        "Deployment 'd':",
        '  release web: version: "1" -> "2"',
        "  ± db/0    recreated  z1  large  10.0.0.9   disk 2 GiB",
        "      stemcell changed",
        "  ~ web/0   updated    z1  small  10.0.0.10",
        "  ~ web/1   updated    z2  small  10.0.0.11",
        "      configuration of web changed",
        '      job web: greeting: "Hello" -> "Good day Good day Good day Good day Good',
        '          day Good day Good day Good day "',
        "      job web: port: 80 (added)",
        "      job sidecar: removed",
        "  + web/10  new        z3  small  10.0.0.12",
        "  - old/0   deleted    z1",
        "      its group is no longer in the manifest",
        "  DATA:",
        "    db/0: persistent disk of 1 GiB is copied to the new disk, and becomes an",
        "        orphan",
        "    old/0: persistent disk of 10 GiB becomes an orphan: its data stay until",
        "        `compleat down`",
        "    old/0: disk 'log' of 5 MiB is DELETED with its data",
        "  1 action; 3 instances unchanged.",
        "  stopped on purpose: cache/0; `compleat start -d d` starts them.",
    )


def test_post_deploy_scripts_and_limits_of_many_groups_share_a_line_and_a_command_is_never_broken() -> None:
    names = [f"web-{number}/0" for number in range(12)]
    script = RunScript(instance=_INSTANCE, script="post-deploy")
    actions = tuple(Action(id=ActionId(name), work=script, subject=name, reason="why") for name in names)
    gates = (*(Gate(name=f"web-{number}/z1", width=1) for number in range(12)), Gate(name="db/z1", width=2))
    plan = Plan(
        run=RunId("r"),
        environment=EnvironmentName("e"),
        deployment=DeploymentName("d"),
        actions=actions,
        gates=gates,
        stopped=("a-name-of-thirty-characters-/0", "another/0"),
    )
    assert plan_text.plan_lines(plan) == (
        "Deployment 'd':",
        "  post-deploy scripts: web-0/0, web-1/0, web-2/0, web-3/0, web-4/0, web-5/0,",
        "      web-6/0, web-7/0 and 4 more",
        "  12 actions; 0 instances unchanged.",
        "  stopped on purpose: a-name-of-thirty-characters-/0, another/0;",
        "      `compleat start -d d` starts them.",
        "  at most 1 at a time in each: web-0/z1, web-1/z1, web-2/z1, web-3/z1, web-4/z1,",
        "      web-5/z1, web-6/z1, web-7/z1 and 4 more",
        "  at most 2 at a time: db/z1",
    )
