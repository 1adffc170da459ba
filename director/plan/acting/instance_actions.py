"""What is done to one instance, in BOSH's order, as early as each step can be done.

Takes a target with its changes, gives its actions and which of them the rollout lets through one by one.
Source: cloudfoundry/bosh instance_updater/update_procedure.rb, recreate_handler.rb, starter.rb, stopper.rb.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

from cpi.contract.value_classes import dataclass
from director.actions.apply import Apply
from director.actions.await_agent import AwaitAgent
from director.actions.await_running import AwaitRunning
from director.actions.create_vm import CreateVm
from director.actions.delete_vm import DeleteVm
from director.actions.elect_vm import ElectVm
from director.actions.finish_instance import FinishInstance
from director.actions.prepare import Prepare
from director.actions.run_script import RunScript
from director.actions.send_packages import SendPackages
from director.actions.set_vm_metadata import SetVmMetadata
from director.actions.start import Start
from director.model import secret_ref
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.desired import WatchTime
from director.model.environments.instance_spec import InstanceSpec
from director.model.environments.observed import NoAnswer
from director.model.environments.state import DesiredPower
from director.model.ids import ActionId, InstanceId
from director.model.releases.release import RELOAD_SCRIPT
from director.model.tasks.plan import Action
from director.plan.acting import disks, named_disks, package_storage, scripts
from director.plan.action_factory import ActionFactory, Description, Line
from director.plan.deciding import changes as differences
from director.plan.deciding import vm_requests
from director.plan.deciding.changes import Change, Effect
from director.plan.deciding.targets import Target
from director.plan.request import PlanRequest

CREATING = "Creating missing vms"
UPDATING = "Updating instance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Actions of this plan that others wait for: compiled packages by key, secrets by name, addresses by IP."""

    packages: Mapping[str, ActionId] = field(default_factory=dict)
    secrets: Mapping[str, ActionId] = field(default_factory=dict)
    addresses: Mapping[str, ActionId] = field(default_factory=dict)
    _used: dict[tuple[int, int], tuple[InstanceSpec, tuple[ActionId, ...]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def secrets_of(self, spec: InstanceSpec) -> tuple[ActionId, ...]:
        """The secrets that the instance's templates use and that are yet to be made; looked for once in a group."""
        if not self.secrets:
            return ()
        # The spec is kept beside, so that no other jobs or links can come to have the same id.
        key = (id(spec.jobs), id(spec.links))
        if key not in self._used:
            names = dict.fromkeys(_secrets(spec))
            self._used[key] = (spec, tuple(self.secrets[name] for name in names if name in self.secrets))
        return self._used[key][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One instance's actions. Those of `gated` are one sequence, from `entering` to `leaving`; with none it is free."""

    subject: str
    actions: tuple[Action, ...]
    gated: frozenset[ActionId] = frozenset()
    entering: ActionId | None = None
    leaving: ActionId | None = None
    is_early: bool = False
    """It does not wait for the turns before its own: an earlier one needs its addresses."""

    @property
    def ends(self) -> tuple[ActionId, ...]:
        """What others wait for: the action that leaves, if there is one."""
        return (self.leaving,) if self.leaving else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceUpdate:
    """A target, why it is touched, and how long it may take to run. `is_swapped`: its next VM is created beside it."""

    target: Target
    changes: tuple[Change, ...]
    watch: WatchTime
    is_swapped: bool = False


def build_chain(job: InstanceUpdate, factory: ActionFactory, request: PlanRequest, *, waits: Waits) -> Chain:
    """Write down all that has to be done to one instance."""
    about = Description(subject=job.target.name, reason=differences.reason_of(job.changes), stage=UPDATING)
    line = _Instance(job, Line(factory, about), request, waits=waits)
    match differences.effect_of(job.changes):
        case Effect.TAG | None:
            line.tag()
        case Effect.CREATE:
            line.create()
        case Effect.RECREATE if job.is_swapped:
            line.swap()
        case Effect.RECREATE:
            line.recreate()
        case Effect.RESTART if job.target.wanted is DesiredPower.DETACHED:
            line.detach()
        case Effect.RESTART:
            line.update()
        case Effect.RELOAD:
            line.reload()
    return line.chain()


class _Instance:
    """The actions of one instance, growing."""

    def __init__(self, job: InstanceUpdate, line: Line, request: PlanRequest, *, waits: Waits) -> None:
        self._target = job.target
        self._watch = job.watch
        self._line = line
        self._request = request
        self._waits = waits
        self._changes = job.changes
        self._entering = 0
        self._held: tuple[ActionId, ...] = ()

    def chain(self) -> Chain:
        actions = list(self._line.actions)
        if self._held:
            first = actions[self._entering]
            actions[self._entering] = replace(first, after=tuple(dict.fromkeys((*first.after, *self._held))))
        finished = [at for at, action in enumerate(actions, start=1) if isinstance(action.work, FinishInstance)]
        gated = actions[self._entering : finished[-1]] if finished else []
        return Chain(
            subject=self._target.name,
            actions=tuple(actions),
            gated=frozenset(action.id for action in gated),
            entering=gated[0].id if gated else None,
            leaving=gated[-1].id if gated else None,
        )

    def tag(self) -> None:
        machine = self._target.machine
        self._line.add(SetVmMetadata(cloud=machine.cloud, instance=self._target.record.id, tags=machine.tags))

    def create(self) -> None:
        """The VM, its disk and its packages at once; then, when its turn comes, the jobs."""
        self._line.about = replace(self._line.about, stage=CREATING)
        self._new_vm()
        self._line.about = replace(self._line.about, stage=UPDATING)
        self._enter()
        self._configure()

    def recreate(self) -> None:
        """Nothing stops before all that the new VM needs is there, its addresses included."""
        self._enter()
        self._held = (
            *self._compiled(self._target.applied.packages),
            *self._waits.secrets_of(self._target.spec),
            *self._env_secrets(),
            *self._released(),
        )
        agent = self._target.agent
        if not isinstance(agent, NoAnswer):
            self._stop("shutdown", next_vm="delete")
            self._take_down()
        cloud = self._target.record.vm.cloud if self._target.record.vm else ONLY_CLOUD
        self._line.add(DeleteVm(cloud=cloud, instance=self._target.record.id))
        self._new_vm()
        self._configure()

    def swap(self) -> None:
        """Another VM at once; when its turn comes, the jobs stop on the old VM and start on the new one."""
        target, line = self._target, self._line
        record, old = target.record, target.record.vm
        assert old is not None, "only an instance with a VM is swapped"
        successor = f"{target.name} of {line.factory.run}"  # not the name of one that an earlier run left over
        line.about = replace(line.about, stage=CREATING)
        work = self._create_vm(instance=None, compiler=successor)
        line.add(work, after=(*self._released(), *self._env_secrets(), *work.awaits()))
        line.add(AwaitAgent(compiler=successor))
        line.about = replace(line.about, stage=UPDATING)
        self._enter()
        self._held = (*self._compiled(target.applied.packages), *self._waits.secrets_of(target.spec))
        self._stop("shutdown", next_vm="delete")
        self._take_down()
        elected = line.add(ElectVm(instance=record.id, successor=successor))
        self._packages((elected,), target.applied.packages)
        prepared = line.last
        self._bring_up_disks(created=elected, agent=elected)
        line.last = tuple(dict.fromkeys((*prepared, *line.last)))
        self._configure()
        line.add(DeleteVm(cloud=old.cloud, cid=old.cid), detail="old")

    def detach(self) -> None:
        target = self._target
        self._enter()
        if target.record.vm:
            if not isinstance(target.agent, NoAnswer):
                self._stop("shutdown", next_vm="delete")
                self._take_down()
            self._line.add(DeleteVm(cloud=target.record.vm.cloud, instance=target.record.id))
        self._line.add(FinishInstance(instance=target.record.id, applied=None, wanted=target.wanted))

    def update(self) -> None:
        """Packages before anything stops; then stop, disks, start."""
        target = self._target
        is_started = scripts.has_run(target)
        if isinstance(target.agent, NoAnswer):
            self._line.add(AwaitAgent(instance=target.record.id))
        self._packages(self._line.last, _missing_packages(target))
        if is_started:
            self._enter()
            self._held = self._waits.secrets_of(self._target.spec)
            self._stop(scripts.drain_type(target), next_vm="keep")
        disks.arrange(self._line, target, can_resize=self._request.can_resize_disks)
        named_disks.arrange(self._line, target)
        if not is_started:
            self._enter()
        self._configure()

    def reload(self) -> None:
        """The changed files, then the jobs' own scripts, while everything runs.

        Start comes first: it has the monit files of the jobs read again, which Apply has taken away.
        """
        target, instance = self._target, self._target.record.id
        self._enter()
        apply = Apply(instance=instance, spec=target.spec, applied=target.applied)
        self._line.add(apply, after=self._waits.secrets_of(target.spec))
        self._line.add(Start(instance=instance))
        self._line.add(RunScript(instance=instance, script=RELOAD_SCRIPT), detail=RELOAD_SCRIPT)
        self._line.add(AwaitRunning(instance=instance, watch=self._watch))
        self._line.add(FinishInstance(instance=instance, applied=target.applied, wanted=target.wanted))

    def _enter(self) -> None:
        """The next action is the first that waits for its turn."""
        self._entering = len(self._line.actions)

    def _new_vm(self) -> None:
        target = self._target
        work = self._create_vm(instance=target.record.id, compiler=None)
        work = replace(work, request=disks.with_disks(work.request, target))
        create = self._line.add(work, after=(*self._released(), *self._env_secrets(), *work.awaits()))
        agent = self._line.add(AwaitAgent(instance=target.record.id))
        self._packages((agent,), target.applied.packages)
        prepared = self._line.last
        self._bring_up_disks(created=create, agent=agent)
        self._line.last = tuple(dict.fromkeys((*prepared, *self._line.last)))

    def _take_down(self) -> None:
        disks.take_down(self._line, self._target.record)
        named_disks.take_down(self._line, self._target.record)

    def _bring_up_disks(self, *, created: ActionId, agent: ActionId) -> None:
        """Those with names beside the one on the store."""
        disks.bring_up(self._line, self._target, created=created, agent=agent)
        on_store = self._line.last
        named_disks.bring_up(self._line, self._target, created=created, agent=agent)
        self._line.last = tuple(dict.fromkeys((*on_store, *self._line.last)))

    def _create_vm(self, *, instance: InstanceId | None, compiler: str | None) -> CreateVm:
        machine, factory = self._target.machine, self._line.factory
        request = vm_requests.vm_request(machine, factory, self._line.about.subject, request=self._request)
        return vm_requests.create_vm(machine, request, factory, instance=instance, compiler=compiler)

    def _packages(self, after: tuple[ActionId, ...], needed: Mapping[str, str]) -> None:
        """Send and unpack what the VM may lack, as soon as each is compiled."""
        target = self._target
        self._line.last = after
        if not needed:
            return
        cloud = target.machine.cloud
        store = cloud if cloud in self._request.storing else None
        send = SendPackages(instance=target.record.id, packages=needed, store=store)
        self._line.add(send, after=self._compiled(needed))
        self._line.add(Prepare(instance=target.record.id, packages=needed))

    def _compiled(self, needed: Mapping[str, str]) -> tuple[ActionId, ...]:
        """After which actions the packages can be sent."""
        cloud = self._target.machine.cloud
        if cloud in self._request.storing:
            return package_storage.ids_of(self._line.factory, cloud, needed)
        return tuple(self._waits.packages[key] for key in needed.values() if key in self._waits.packages)

    def _released(self) -> tuple[ActionId, ...]:
        """The deletions of other VMs that still have its addresses."""
        vm = self._target.record.vm
        own = {net.ip for net in vm.networks if net.ip} if vm else set()
        wanted = (net.ip for net in self._target.machine.networks if net.ip and net.ip not in own)
        return tuple(self._waits.addresses[ip] for ip in wanted if ip in self._waits.addresses)

    def _env_secrets(self) -> tuple[ActionId, ...]:
        """The secrets in its env that are yet to be made."""
        made = self._waits.secrets
        return tuple(made[name] for name in self._target.machine.env_secrets if name in made)

    def _stop(self, drain: str, *, next_vm: str) -> None:
        if scripts.is_stopped(self._target):
            return
        intents = {"BOSH_VM_NEXT_STATE": next_vm}
        is_draining = not self._request.is_skipping_drain(self._target.group.name)
        next_applied = self._target.applied if drain == "update" else None
        scripts.stop(
            self._line, self._target.record, intents=intents, drain=drain if is_draining else "", coming=next_applied
        )

    def _configure(self) -> None:
        """Apply; and, unless it is to stay stopped, start."""
        target = self._target
        instance = target.record.id
        if target.wanted is DesiredPower.STARTED or {change.name for change in self._changes} != {"state"}:
            apply = Apply(instance=instance, spec=target.spec, applied=target.applied)
            self._line.add(apply, after=self._waits.secrets_of(self._target.spec))
        if target.wanted is DesiredPower.STARTED:
            if scripts.has_script(target.group.jobs, "pre-start"):
                self._line.add(RunScript(instance=instance, script="pre-start"), detail="pre-start")
            self._line.add(Start(instance=instance))
            self._line.add(AwaitRunning(instance=instance, watch=self._watch))
            if scripts.has_script(target.group.jobs, "post-start"):
                self._line.add(RunScript(instance=instance, script="post-start"), detail="post-start")
        self._line.add(FinishInstance(instance=instance, applied=target.applied, wanted=target.wanted))


def _missing_packages(target: Target) -> Mapping[str, str]:
    """The packages that a VM which stays may lack: all if it is doubtful."""
    record = target.record
    there = record.applied.packages if record.applied and not record.is_dirty else {}
    return {name: key for name, key in target.applied.packages.items() if there.get(name) != key}


def _secrets(spec: InstanceSpec) -> Iterable[str]:
    for job in spec.jobs:
        yield from secret_ref.secret_names(job.properties)
    for links in spec.links.values():
        yield from secret_ref.secret_names(links)


def all_actions(chains: Sequence[Chain]) -> tuple[Action, ...]:
    """The actions of all chains, one chain after the other."""
    return tuple(action for chain in chains for action in chain.actions)
