"""What plans ask of clouds, gathered."""

from dataclasses import replace

from cpi.contract.values import (
    DiskCid,
    DiskRequest,
    LandingCid,
    LandingResource,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    SshAccess,
    StemcellCid,
    VmCid,
    VmRequest,
)
from director.actions.create_disk import CreateDisk
from director.actions.create_landing_resource import CreateLandingResource
from director.actions.create_vm import CreateVm
from director.actions.delete_landing_resource import DeleteLandingResource
from director.actions.delete_vm import DeleteVm
from director.actions.set_vm_metadata import SetVmMetadata
from director.actions.update_landing_resource import UpdateLandingResource
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.observed import CLOUD_TAG
from director.model.environments.state import DeploymentState, InstanceRecord, VmRecord
from director.model.ids import ActionId, GroupName, InstanceId, RunId
from director.model.tasks.plan import Action, Plan
from director.model.tasks.work import Work
from director.plan.deciding.preflight_requests import DeploymentStep, preflight_requests_of
from tests.support.wants import DEPLOYMENT, ENVIRONMENT


def network(ip: str, kind: NetworkKind = NetworkKind.MANUAL) -> NetworkSettings:
    return NetworkSettings(name="default", kind=kind, ip=ip, prefix=24)


def vm(name: str, *networks: NetworkSettings) -> VmRequest:
    return VmRequest(
        name=name,
        owner=OwnerKey(environment=ENVIRONMENT, deployment=DEPLOYMENT, action=name),
        agent_id=name,
        stemcell_cid=StemcellCid(""),
        networks=networks,
        ssh=SshAccess(user="root", public_key="key"),
    )


def making(name: str, cloud: str = ONLY_CLOUD) -> CreateVm:
    return CreateVm(cloud=cloud, request=vm(name), instance=InstanceId(name))


def compiling(name: str) -> CreateVm:
    return CreateVm(cloud=ONLY_CLOUD, request=vm(name), compiler=name)


def plan(*works: Work) -> Plan:
    actions = tuple(
        Action(id=ActionId(f"r/{number}"), work=work, subject="", reason="") for number, work in enumerate(works)
    )
    return Plan(run=RunId("r"), environment=ENVIRONMENT, deployment=DEPLOYMENT, actions=actions)


def record(name: str, cid: str) -> InstanceRecord:
    networks: tuple[NetworkSettings, ...] = ()
    made = VmRecord(cid=VmCid(cid), action=ActionId("a"), stemcell_cid=StemcellCid("s"), networks=networks)
    return InstanceRecord(id=InstanceId(name), group=GroupName("web"), index=0, vm=made)


def names(steps: list[DeploymentStep]) -> dict[str, list[str]]:
    return {cloud: [one.name for one in require.vms] for cloud, require in preflight_requests_of(steps).items()}


def test_the_disks_that_a_new_vm_gets_later_are_counted_with_those_that_it_has() -> None:
    owner = OwnerKey(environment=ENVIRONMENT, deployment=DEPLOYMENT, action="d")
    disk = DiskRequest(owner=owner, size_mib=1)
    disks = [CreateDisk(cloud=ONLY_CLOUD, instance=InstanceId("a"), disk=name, request=disk) for name in ("x", "y")]
    kept = replace(vm("a"), disk_cids=(DiskCid("disk-1"),))
    works: tuple[Work, ...] = (replace(making("a"), request=kept), making("b"), *disks)
    (request,) = preflight_requests_of([DeploymentStep(plan=plan(*works))]).values()
    assert {one.name: one.disk_count for one in request.vms} == {"a": 3, "b": 0}


def test_each_cloud_is_asked_about_its_own() -> None:
    assert names([DeploymentStep(plan=plan(making("a", "x"), making("b", "y")))]) == {"x": ["a"], "y": ["b"]}


def test_of_vms_that_only_pass_the_largest_crew_counts() -> None:
    steps = [
        DeploymentStep(plan=plan(making("a"), compiling("c1"))),
        DeploymentStep(plan=plan(making("b"), compiling("c2"), compiling("c3")), errands=(plan(making("e")),)),
    ]
    assert names(steps) == {ONLY_CLOUD: ["a", "b", "c2", "c3"]}


def test_an_address_of_a_vm_that_passed_is_free_for_a_later_one() -> None:
    crew = [
        CreateVm(cloud=ONLY_CLOUD, request=vm(name, network(ip)), compiler=name)
        for name, ip in (("c", "9"), ("d", "8"))
    ]
    later = CreateVm(cloud=ONLY_CLOUD, request=vm("a", network("9")), instance=InstanceId("a"))
    (require,) = preflight_requests_of([DeploymentStep(plan=plan(*crew)), DeploymentStep(plan=plan(later))]).values()
    asked = {one.name: one.networks for one in require.vms}
    assert asked == {"a": (network("9"),), "c": (network("", NetworkKind.DYNAMIC),), "d": (network("8"),)}


def test_vms_that_go_are_named_by_the_state_or_by_the_plan() -> None:
    deletes = (
        DeleteVm(cloud=ONLY_CLOUD, instance=InstanceId("i1")),
        DeleteVm(cloud=ONLY_CLOUD, cid=VmCid("stray")),
        DeleteVm(cloud=ONLY_CLOUD, compiler="new"),
    )
    state = DeploymentState(environment=ENVIRONMENT, deployment=DEPLOYMENT, instances=(record("i1", "vm-1"),))
    (require,) = preflight_requests_of([DeploymentStep(plan=plan(*deletes, making("a")), state=state)]).values()
    assert require.leaving == ("vm-1", "stray")


def test_a_landing_resource_of_two_plans_is_asked_about_once_and_a_changed_one_apart() -> None:
    owner = OwnerKey(environment=ENVIRONMENT, deployment=DEPLOYMENT, action="l")
    subnet, balancer = (LandingResource(kind=kind, name="one") for kind in ("network", "load_balancer"))
    twice = [replace(subnet, after=("vpc",)), subnet, replace(subnet, name="two")]
    creates = [CreateLandingResource(cloud=ONLY_CLOUD, resource=one, owner=owner) for one in twice]
    update = UpdateLandingResource(cloud=ONLY_CLOUD, resource=balancer, owner=owner)
    steps = [DeploymentStep(plan=plan(creates[0], update)), DeploymentStep(plan=plan(*creates[1:]))]
    (request,) = preflight_requests_of(steps).values()
    assert (request.landing, request.changed) == ((twice[0], twice[2]), (balancer,))


def test_tags_for_vms_that_are_there_are_asked_about_at_their_cloud() -> None:
    here, there = ({"team": team, CLOUD_TAG: cloud} for team, cloud in (("a", "x"), ("b", "y")))
    works = [SetVmMetadata(instance=InstanceId(name), tags=tags) for name, tags in (("i", here), ("j", there))]
    asked = preflight_requests_of([DeploymentStep(plan=plan(*works, making("a", "x")))])
    assert {cloud: (one.retags, one.is_only_of_tags()) for cloud, one in asked.items()} == {
        "x": ((here,), False),
        "y": ((there,), True),
    }


def test_a_plan_that_makes_nothing_asks_nobody() -> None:
    gone = DeleteLandingResource(cloud=ONLY_CLOUD, cid=LandingCid("n"))
    assert preflight_requests_of([DeploymentStep(plan=plan(gone, DeleteVm(cloud=ONLY_CLOUD, cid=VmCid("v"))))]) == {}
