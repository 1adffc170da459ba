"""Deployments to plan for, and a world in which a plan's actions just happen.

Takes a few words, gives Desired and Observed; takes a plan, gives what is observed after it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    DiskCid,
    FoundDisk,
    FoundVm,
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    SshAccess,
    StemcellCid,
    VmCid,
    VmCreated,
    VmState,
)
from director.actions.associate_disk import AssociateDisk
from director.actions.attach_disk import AttachDisk
from director.actions.create_disk import CreateDisk
from director.actions.create_vm import CreateVm
from director.actions.delete_disk import DeleteDisk
from director.actions.delete_vm import DeleteVm
from director.actions.detach_disk import DetachDisk
from director.actions.dissociate_disk import DissociateDisk
from director.actions.finish_instance import FinishInstance
from director.actions.make_secret import MakeSecret
from director.actions.migrate_disk import MigrateDisk
from director.actions.mount_disk import MountDisk
from director.actions.orphan_disk import OrphanDisk
from director.actions.resize_disk import ResizeDisk
from director.actions.save_compiled import SaveCompiled
from director.actions.unmount_disk import UnmountDisk
from director.execute import fold
from director.model.agents.agent_state import AgentState, JobState
from director.model.environments import dns_documents
from director.model.environments.deployment_dns import StoredDns
from director.model.environments.desired import (
    Az,
    Compilation,
    Count,
    Desired,
    Group,
    GroupNetwork,
    IpRange,
    Job,
    Network,
    PackageNeed,
    StemcellOffer,
    Subnet,
    UpdatePolicy,
    WatchTime,
)
from director.model.environments.environment import StemcellThere
from director.model.environments.observed import NoAnswer, Observed
from director.model.environments.state import DeploymentState, DesiredPower
from director.model.ids import DeploymentName, Digest, EnvironmentName, GroupName, InstanceId, RunId
from director.model.releases.release import CompiledPackage, PackageSource, ReleaseJob, ReleaseReference, TemplateFile
from director.model.secret_ref import Property
from director.model.tasks.plan import Action, Plan
from director.model.tasks.work import Result, Work
from director.plan.request import InstanceRequest, PlanRequest

ENVIRONMENT = EnvironmentName("env")
DEPLOYMENT = DeploymentName("dep")
STEMCELL = StemcellOffer(os="debian", version="12", architecture="x86_64")
FOUND_STEMCELL = StemcellThere(
    cid=StemcellCid("stemcell-1"),
    owner=OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="s"),
    os="debian",
    version="12",
    architecture="x86_64",
)
WATCH = WatchTime(min_ms=1000, max_ms=30000)


def policy(canaries: int = 1, max_in_flight: int = 2, *, is_serial: bool = True) -> UpdatePolicy:
    return UpdatePolicy(
        canaries=Count(number=canaries),
        max_in_flight=Count(number=max_in_flight),
        canary_watch=WATCH,
        update_watch=WatchTime(min_ms=500, max_ms=10000),
        is_serial=is_serial,
    )


def subnet(cidr: str = "10.0.0.0/24", *, azs: tuple[str, ...] = (), static: tuple[IpRange, ...] = ()) -> Subnet:
    gateway = f"{cidr.rsplit('.', 1)[0]}.1"
    return Subnet(cidr=cidr, gateway=gateway, dns=("10.0.0.2",), azs=azs, static=static)


def network(name: str = "default", *subnets: Subnet, kind: NetworkKind = NetworkKind.MANUAL) -> Network:
    return Network(name=name, kind=kind, subnets=subnets or (subnet(),))


def job(name: str = "web", *, scripts: Sequence[str] = (), properties: Mapping[str, Property] | None = None) -> Job:
    templates = tuple(TemplateFile(source=script, destination=f"bin/{script}", content=b"") for script in scripts)
    source = ReleaseJob(name=name, fingerprint=f"fp-{name}", where="spec", templates=templates, monit=b"")
    return Job(name=name, release="rel", release_version="1", source=source, properties=properties or {})


def need(name: str, *dependencies: str) -> PackageNeed:
    reference = ReleaseReference(name="rel", version="1")
    source = PackageSource(reference=reference, package=name, fingerprint=f"fp-{name}", architecture="x86_64")
    return PackageNeed(
        key=f"key-{name}",
        name=name,
        version=f"fp-{name}",
        release="rel",
        stemcell=STEMCELL,
        source=source,
        dependencies=tuple(f"key-{dependency}" for dependency in dependencies),
    )


GROUP = Group(
    name=GroupName("web"),
    instances=1,
    stemcell=STEMCELL,
    networks=(GroupNetwork(name="default", defaults=("dns", "gateway")),),
    update=policy(),
    jobs=(job(),),
    cloud_properties={"size": "small"},
)


def group(name: str, instances: int = 1) -> Group:
    return replace(GROUP, name=GroupName(name), instances=instances, jobs=(job(name),))


def deployment(*groups: Group, packages: Sequence[PackageNeed] = (), networks: Sequence[Network] = ()) -> Desired:
    return Desired(
        environment=ENVIRONMENT,
        deployment=DEPLOYMENT,
        manifest="name: dep",
        azs=(Az(name="z1"), Az(name="z2"), Az(name="z3")),
        networks=tuple(networks) or (network(),),
        groups=groups,
        compilation=Compilation(workers=2, network="default"),
        packages=tuple(packages),
    )


def nothing() -> Observed:
    return Observed(state=DeploymentState(environment=ENVIRONMENT, deployment=DEPLOYMENT), seen_at=0.0)


def asked(run: str = "run-1", instance_requests: Mapping[str, InstanceRequest] | None = None) -> PlanRequest:
    return PlanRequest(
        run=RunId(run),
        ssh=SshAccess(user="vcap", public_key="ssh-ed25519 AAAA"),
        stemcells=(FOUND_STEMCELL,),
        instance_requests=instance_requests or {},
    )


_OfDisk = AssociateDisk | AttachDisk | DetachDisk | DissociateDisk | MountDisk | OrphanDisk | ResizeDisk | UnmountDisk


@dataclass(slots=True)
class Happened:
    """A cloud, agents, a blobstore and a vault in which every action succeeds at once."""

    observed: Observed
    vms: dict[VmCid, FoundVm] = field(default_factory=dict)
    disks: dict[DiskCid, FoundDisk] = field(default_factory=dict)
    compiled: dict[str, CompiledPackage] = field(default_factory=dict)
    secrets: dict[str, int] = field(default_factory=dict)
    agents: dict[InstanceId, AgentState | NoAnswer] = field(default_factory=dict)

    @classmethod
    def of(cls, observed: Observed) -> "Happened":
        return cls(
            observed,
            {vm.created.cid: vm for vm in observed.vms},
            {disk.cid: disk for disk in observed.disks},
            dict(observed.compiled),
            dict(observed.secret_versions),
            dict(observed.agents),
        )

    def do(self, action: Action) -> Result:
        given = {"cid": "", "key": "", "digest": "", "size": 1, "exit_code": 0, "kind": "", "name": ""}
        facts: dict[str, object] = {**given, **self._do(action.work)}
        wanted = action.work.result
        return wanted(**{name: facts[name] for name in wanted.__dataclass_fields__ if name in facts})

    def seen(self, state: DeploymentState) -> Observed:
        return replace(
            self.observed,
            state=state,
            vms=tuple(self.vms.values()),
            disks=tuple(self.disks.values()),
            compiled=dict(self.compiled),
            secret_versions=dict(self.secrets),
            agents=dict(self.agents),
        )

    def _do(self, work: Work) -> dict[str, object]:
        state = self.observed.state
        match work:
            case CreateVm(request=request):
                cid = VmCid(f"vm:{request.owner.action}")
                networks = tuple(_reported(net) for net in request.networks)
                self.vms[cid] = FoundVm(
                    created=VmCreated(cid=cid, networks=networks),
                    owner=request.owner,
                    state=VmState.RUNNING,
                    tags=request.tags,
                )
                return {"cid": cid, "networks": networks, "host_key": ""}
            case DeleteVm(instance=instance, compiler=compiler, cid=known):
                record = state.instance(instance) if instance else None
                vm = record.vm if record else state.compilers.get(compiler or "")
                gone = known or (vm.cid if vm else VmCid(""))
                self.vms.pop(gone, None)
                return {"cid": gone}
            case CreateDisk(request=request):
                disk = DiskCid(f"disk:{request.owner.action}")
                self.disks[disk] = FoundDisk(
                    cid=disk, owner=request.owner, size_mib=request.size_mib, tags=request.tags
                )
                return {"cid": disk}
            case AssociateDisk() | AttachDisk() | DetachDisk() | DissociateDisk() | OrphanDisk():
                return self._change_disk(work)
            case ResizeDisk() | MountDisk() | UnmountDisk():
                return self._change_disk(work)
            case MigrateDisk(instance=instance):
                record = state.instance(instance)
                assert record and record.disk and record.old_disk and record.disk.is_mounted
                assert record.old_disk.is_mounted, "migrated from a disk that is not mounted"
                old, new = self.disks[record.old_disk.cid], self.disks[record.disk.cid]
                self.disks[new.cid] = replace(new, tags={**new.tags, "content": old.tags.get("content", "")})
                return {"cid": record.disk.cid, "from_cid": record.old_disk.cid}
            case DeleteDisk(cid=disk_cid):
                self.disks.pop(disk_cid, None)
            case SaveCompiled(key=key):
                self.compiled[key] = CompiledPackage(key=key, digest=Digest("sha256:0"), size=1)
            case MakeSecret(variable=variable):
                self.secrets[variable.name] = 1
            case FinishInstance(instance=instance, wanted=wanted):
                job_state = JobState.RUNNING if wanted is DesiredPower.STARTED else JobState.STOPPED
                self.agents[instance] = AgentState(job_state=job_state, spec={"name": "x"})
                self._write_content(instance)
            case _:
                pass
        return {}

    def _write_content(self, instance: InstanceId) -> None:
        """Jobs that run write to the disk that is mounted, the first time whose it is."""
        record = self.observed.state.instance(instance)
        for held in record.disks if record else ():
            if record and held.is_mounted:
                disk = self.disks[held.cid]
                self.disks[disk.cid] = replace(disk, tags={"content": f"of {record.name}", **disk.tags})

    def _change_disk(self, work: _OfDisk) -> dict[str, object]:
        record = self.observed.state.instance(work.instance)
        assert record
        is_old = not isinstance(work, ResizeDisk | AssociateDisk) and work.is_old
        name = "" if isinstance(work, ResizeDisk | MountDisk | UnmountDisk) else work.disk
        disk = record.disk_called(name, is_old=is_old)
        assert disk, f"{work.kind} of {record.name}, which has no such disk"
        found = self.disks[disk.cid]
        match work:
            case AttachDisk():
                assert record.vm
                found = replace(found, vm_cid=record.vm.cid)
            case DetachDisk():
                assert not disk.is_mounted, "detached while mounted"
                found = replace(found, vm_cid=None)
            case ResizeDisk(size_mib=size_mib):
                assert found.vm_cid is None, "resized while attached"
                found = replace(found, size_mib=size_mib)
            case OrphanDisk():
                assert found.vm_cid is None, "orphaned while attached"
                found = replace(found, tags={**found.tags, "orphaned": "true"})
            case MountDisk() | AssociateDisk():
                assert found.vm_cid, "mounted while detached"
            case UnmountDisk() | DissociateDisk():
                pass
        self.disks[disk.cid] = found
        size: dict[str, object] = {"size_mib": found.size_mib}
        return {"cid": disk.cid, "hint": f"/dev/{disk.cid}", **size}


def after(plan: Plan, observed: Observed, *, until: str = "") -> Observed:
    """What is observed once the plan's actions happened; only those before the action whose id holds `until`."""
    for action, seen in _moments(plan, observed):
        if action is None or (until and until in action.id):
            return seen()
    raise AssertionError("the last moment is after all actions")


def cuts(plan: Plan, observed: Observed) -> Iterator[Observed]:
    """What is observed before each of the plan's actions, once those before it happened.

    Each observation once: the next plan depends on nothing else, and half of the actions leave no trace in it.
    """
    earlier: list[Observed] = []
    for action, seen in _moments(plan, observed):
        if action is not None and (now := seen()) not in earlier:
            earlier.append(now)
            yield now


def _moments(plan: Plan, observed: Observed) -> Iterator[tuple[Action | None, Callable[[], Observed]]]:
    """Each action with what is observed before it; last, None with what is observed after all of them."""
    world = Happened.of(observed)
    state = fold.fold_records(observed.state, plan)
    for action in plan.actions:
        yield action, partial(world.seen, state)
        state = fold.fold_begun(state, action)
        world.observed = replace(world.observed, state=state)
        state = fold.fold_result(state, action, world.do(action))
    if plan.manifest is not None:
        state = replace(state, manifest=plan.manifest)
    yield None, partial(_ended, plan, world.seen(state))


def _ended(plan: Plan, seen: Observed) -> Observed:
    if plan.dns is None:
        return seen
    return replace(seen, dns=StoredDns(dns=dns_documents.with_addresses(plan.dns, seen.state), is_sent=True))


def reported(plan: Plan) -> list[str]:
    """The plan as lines: "kind subject [gate] <- what it waits for", by short names."""
    short = {action.id: action.id.split("/", 1)[1] for action in plan.actions}
    return [_line(action, [short[before] for before in action.after]) for action in plan.actions]


def kinds(plan: Plan, subject: str) -> list[str]:
    """What is done to one subject, in order."""
    return [action.work.kind for action in plan.actions if action.subject == subject]


def _line(action: Action, before: Iterable[str]) -> str:
    marks = [
        f"[{action.gate}]" if action.gate else "",
        "enters" if action.is_entering else "",
        "leaves" if action.is_leaving else "",
        f"({action.pool})" if action.pool else "",
        "cleanup" if action.is_cleanup else "",
    ]
    words = [action.id.split("/", 1)[1], *(mark for mark in marks if mark)]
    return f"{' '.join(words)} <- {', '.join(before)}".rstrip(" <-")


def _reported(net: NetworkSettings) -> NetworkSettings:
    return replace(net, ip=net.ip or "192.168.9.9")
