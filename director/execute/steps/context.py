"""What a step may use: the world, the run so far, and lookups in both.

Takes nothing, gives one frozen value whose methods find things or raise what is missing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.value_classes import dataclass
from director.actions.compile_package import CompilePackage
from director.actions.pack_source import PackSource
from director.actions.publish_dns import PublishDns
from director.errors import Bug, StateError, UnreachableError
from director.execute import progress
from director.execute.engine import StepCall
from director.execute.execution import Timeouts
from director.execute.steps import vm_reachability
from director.execute.steps.vm_reachability import VmReachability
from director.model.agents.agent_address import AgentTarget
from director.model.environments.deployment_dns import DeploymentDns
from director.model.environments.environment import JUMPBOX, Environment
from director.model.environments.state import DeploymentState, DiskRecord, InstanceRecord, VmRecord
from director.model.ids import ActionId, InstanceId
from director.model.tasks.events import Happening
from director.model.tasks.plan import Plan
from director.model.tasks.work import Result
from director.ports.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanIndex:
    """Which actions of the plan make what others need: sources and names by package key.

    `dns` are the plan's DNS records; `is_publishing` says that an action sends them to all.
    """

    sources: Mapping[str, ActionId] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    dns: DeploymentDns | None = None
    is_publishing: bool = False


def index_plan(plan: Plan) -> PlanIndex:
    """Look the plan through once."""
    sources, names, is_publishing = {}, {}, False
    for action in plan.actions:
        match action.work:
            case PackSource(package=package):
                sources[package.key] = action.id
            case CompilePackage(package=package):
                names[package.key] = package.name
            case PublishDns():
                is_publishing = True
            case _:
                pass
    return PlanIndex(sources=sources, names=names, dns=plan.dns, is_publishing=is_publishing)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """`state` is as of the call's start. `results` grows during the run: look up by key only."""

    world: World
    environment: Environment
    state: DeploymentState
    call: StepCall
    index: PlanIndex
    results: Mapping[ActionId, Result]
    timeouts: Timeouts

    def cloud(self, name: str) -> ConnectedCloud:
        """The cloud of that name. Raises StateError, code `cloud-not-connected`."""
        if name not in self.world.clouds:
            raise StateError(
                "cloud-not-connected",
                f"{self.call.action.subject} is on cloud '{name}', which this environment does not have.",
                why=f"It has {', '.join(sorted(self.world.clouds)) or 'none'}.",
                fix="Add the cloud to the environment again.",
            )
        return self.world.clouds[name]

    def instance(self, instance_id: InstanceId) -> InstanceRecord:
        """The instance's record. Raises Bug, code `instance-unknown`."""
        record = self.state.instance(instance_id)
        if record is None:
            raise Bug("instance-unknown", f"The plan names instance '{instance_id}', which the state does not have.")
        return record

    def vm(self, instance_id: InstanceId) -> VmRecord:
        """The instance's VM. Raises StateError, code `instance-without-vm`."""
        record = self.instance(instance_id)
        if record.vm is None:
            raise StateError(
                "instance-without-vm", f"{record.name} has no VM.", fix="Run the command again to recreate it."
            )
        return record.vm

    def compiler(self, name: str) -> VmRecord:
        """A compile VM. Raises StateError, code `compiler-missing`."""
        if name not in self.state.compilers:
            raise StateError("compiler-missing", f"Compile VM '{name}' does not exist.", fix="Run the command again.")
        return self.state.compilers[name]

    def disk(self, instance_id: InstanceId, *, name: str = "", is_old: bool = False) -> DiskRecord:
        """The instance's disk of that name, or its old one. Raises StateError, code `instance-without-disk`."""
        record = self.instance(instance_id)
        disk = record.disk_called(name, is_old=is_old)
        if disk is None:
            called = f" '{name}'" if name else ""
            raise StateError("instance-without-disk", f"{record.name} has no {'old ' if is_old else ''}disk{called}.")
        return disk

    def hint_of(self, instance_id: InstanceId, disk: DiskRecord) -> str:
        """Where the VM finds the disk. Raises StateError, code `disk-without-hint`."""
        if disk.hint is None:
            raise StateError(
                "disk-without-hint",
                f"Disk {disk.cid} of {self.instance(instance_id).name} is attached at an unknown device.",
                fix="Run the command again; it attaches the disk again.",
            )
        return disk.hint

    def target_of(self, vm: VmRecord, name: str) -> AgentTarget:
        """How to reach a VM's agent. Raises UnreachableError, code `vm-without-address`."""
        target = self.environment.target_of(vm, name)
        if target is None:
            raise UnreachableError("vm-without-address", f"VM '{vm.cid}' of {name} has no address.")
        return target

    @contextmanager
    def agent_of(self, instance_id: InstanceId) -> Iterator[AgentTarget]:
        """How to reach the instance's agent, as in `reaching`."""
        with self.reaching(self.vm(instance_id), self.instance(instance_id).name) as target:
            yield target

    @contextmanager
    def reaching(self, vm: VmRecord, name: str) -> Iterator[AgentTarget]:
        """How to reach a VM's agent; the cloud is asked about one out of reach. Raises UnreachableError."""
        try:
            yield self.target_of(vm, name)
        except UnreachableError as error:
            reachability = self.reachability_of(vm)
            if vm_reachability.is_lost(reachability):
                raise vm_reachability.lost(name, reachability, vm.cid) from error
            raise

    def reachability_of(self, vm: VmRecord) -> VmReachability:
        """What the cloud says of a VM, and of the jumpbox before it if that is on the same cloud.

        The connection to the jumpbox is opened again, too: one that this machine kept open may have been closed.
        """
        way = self.environment.jumpbox_for(vm.cloud)
        if way is not None:
            vm_reachability.reopen_jumpbox_port(self.cloud(way.cloud), way.address)
        jumpbox = JUMPBOX if way is not None and way.cloud == vm.cloud else ""
        return vm_reachability.reachability_of(
            self.cloud(vm.cloud), vm.cid, environment=self.environment.name, jumpbox=jumpbox
        )

    def report(self, line: str) -> None:
        """Pass on the last line of what runs."""
        now = self.world.clock.now()
        self.world.watcher.report(progress.event_of(self.call.action, Happening.PROGRESS, now, text=line))
