"""Works and plans for tests of the execute room."""

from cpi.contract.values import DiskRequest, NetworkKind, NetworkSettings, OwnerKey, SshAccess, StemcellCid, VmRequest
from director.actions.create_disk import CreateDisk
from director.actions.create_vm import CreateVm, CreateVmResult
from director.actions.delete_vm import DeleteVm
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.state import DeploymentState, InstanceRecord
from director.model.ids import ActionId, DeploymentName, EnvironmentName, GroupName, InstanceId, RunId
from director.model.tasks.plan import Action, Plan
from director.model.tasks.work import CidResult, Work

WEB = InstanceId("web-id")
ENVIRONMENT, DEPLOYMENT = EnvironmentName("home"), DeploymentName("app")
OWNER = OwnerKey(environment="home", deployment="app", action="r/create_vm/web-0")
EMPTY = DeploymentState(
    environment=ENVIRONMENT,
    deployment=DEPLOYMENT,
    instances=(InstanceRecord(id=WEB, group=GroupName("web"), index=0, is_dirty=False),),
)


def creating_vm(ip: str = "10.0.0.2", instance: InstanceId | None = WEB) -> CreateVm:
    """A VM for web/0, or a compile VM."""
    request = VmRequest(
        name="web-0",
        owner=OWNER,
        agent_id="web-0",
        stemcell_cid=StemcellCid("s"),
        networks=(NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip=ip, prefix=24),),
        ssh=SshAccess(user="vcap", public_key="key"),
    )
    return CreateVm(cloud=ONLY_CLOUD, request=request, instance=instance, compiler=None if instance else "compiler-1")


def deleting_vm() -> DeleteVm:
    """The VM of web/0."""
    return DeleteVm(cloud=ONLY_CLOUD, instance=WEB)


def creating_disk(size_mib: int = 10) -> CreateDisk:
    """A disk for web/0."""
    return CreateDisk(cloud=ONLY_CLOUD, instance=WEB, request=DiskRequest(owner=OWNER, size_mib=size_mib))


def act(work: Work, name: str = "") -> Action:
    """The action that does it."""
    return Action(id=ActionId(name or f"r/{work.kind}/web-0"), work=work, subject="web/0", reason="new")


def plan_of(*actions: Action) -> Plan:
    """A plan of these and nothing else."""
    return Plan(run=RunId("r"), environment=ENVIRONMENT, deployment=DEPLOYMENT, actions=actions)


def vm_made(cid: str = "vm-1", ip: str = "10.0.0.2") -> CreateVmResult:
    """What create_vm gives."""
    network = NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip=ip, prefix=24, gateway="10.0.0.1")
    return CreateVmResult(cid=cid, networks=(network,), host_key="ssh-ed25519 k")


def disk(cid: str) -> CidResult:
    """What a step on a disk gives."""
    return CidResult(cid=cid)
