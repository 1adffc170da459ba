"""What of one instance is not as it should be: named differences, each with its reason.

Takes a target, gives changes, none for an instance that is as desired.
Source: cloudfoundry/bosh deployment_plan/instance_plan.rb.
"""

from collections.abc import Iterable, Mapping
from enum import Enum

from cpi.contract.value_classes import dataclass
from director.model.agents.agent_state import AgentState, JobState
from director.model.environments.observed import NoAnswer
from director.model.environments.state import Applied, DesiredPower, VmRecord
from director.plan.deciding import disk_differences, verified_records, vm_requests
from director.plan.deciding.targets import Target
from director.plan.deciding.vm_requests import WantedVm
from director.plan.request import InstanceRequest


class Effect(Enum):
    """What a change makes necessary: a VM where there is none, another VM, stop and start, other values for processes
    that keep running, or other tags.
    """

    CREATE = "create"
    RECREATE = "recreate"
    RESTART = "restart"
    RELOAD = "reload"
    TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`name` as BOSH calls it ("stemcell", "packages", "dirty")."""

    name: str
    effect: Effect
    reason: str


def changes_of(target: Target) -> tuple[Change, ...]:
    """Name every difference; a detached instance has none, for it has no VM to differ."""
    record = target.record
    if target.wanted is DesiredPower.DETACHED:
        return _detaching(target)
    if record.vm is None:
        return (_creation(target),)
    return (
        *_requested(target),
        *_of_machine(record.vm, target.machine),
        *_of_state(target),
        *_of_disks(target),
        *(_of_configuration(record.applied, target) if record.applied else ()),
        *_of_tags(record.vm, target.machine),
    )


def effect_of(changes: Iterable[Change]) -> Effect | None:
    """The strongest effect of all changes, None without any."""
    found = {change.effect for change in changes}
    return next((effect for effect in Effect if effect in found), None)


def reason_of(changes: Iterable[Change]) -> str:
    """All reasons in one line."""
    return "; ".join(change.reason for change in changes)


def _detaching(target: Target) -> tuple[Change, ...]:
    if target.record.vm is None and target.record.wanted is DesiredPower.DETACHED:
        return ()
    return (Change(name="state", effect=Effect.RESTART, reason="detach asked"),)


def _creation(target: Target) -> Change:
    if target.placed_instance.is_new:
        return Change(name="new", effect=Effect.CREATE, reason="new instance")
    if target.record.wanted is DesiredPower.DETACHED:
        return Change(name="state", effect=Effect.CREATE, reason="no longer detached")
    return Change(name="missing_vm", effect=Effect.CREATE, reason="its VM is missing")


def _requested(target: Target) -> Iterable[Change]:
    match target.instance_request:
        case InstanceRequest.RESTART:
            yield Change(name="restart", effect=Effect.RESTART, reason="restart asked")
        case InstanceRequest.RECREATE:
            yield Change(name="recreate", effect=Effect.RECREATE, reason="recreate asked")
        case InstanceRequest.STARTED | InstanceRequest.STOPPED | InstanceRequest.DETACHED | None:
            return


def _of_machine(vm: VmRecord, machine: WantedVm) -> Iterable[Change]:
    if not vm.stemcell_cid:
        yield Change(name="recreate", effect=Effect.RECREATE, reason="its record was lost; the cloud has its VM")
        return
    if vm.stemcell_cid != machine.stemcell_cid:
        yield Change(name="stemcell", effect=Effect.RECREATE, reason="stemcell changed")
    if vm.cloud != machine.cloud:
        yield Change(name="cloud", effect=Effect.RECREATE, reason="its AZ is on another cloud")
    if vm.cloud_properties != machine.cloud_properties:
        keys = _differing(vm.cloud_properties, machine.cloud_properties)
        yield Change(name="cloud_properties", effect=Effect.RECREATE, reason=f"VM's {keys} changed")
    if vm.env != machine.env:
        keys = _differing(vm.env, machine.env)
        yield Change(name="env", effect=Effect.RECREATE, reason=f"env {keys} changed")
    elif vm.env_secrets != machine.env_secrets:
        names = _differing(vm.env_secrets, machine.env_secrets)
        yield Change(name="env", effect=Effect.RECREATE, reason=f"secret {names} of env changed")
    if vm_requests.shared_facts(vm.networks) != vm_requests.shared_facts(machine.networks):
        yield Change(name="network", effect=Effect.RECREATE, reason=_network_reason(vm, machine))


def _network_reason(vm: VmRecord, machine: WantedVm) -> str:
    before = {net.name: vm_requests.network_facts(net) for net in vm.networks}
    after = {net.name: vm_requests.network_facts(net) for net in machine.networks}
    return f"network {_differing(before, after)} changed"


def _of_state(target: Target) -> Iterable[Change]:
    record, agent = target.record, target.agent
    if isinstance(agent, NoAnswer) and (record.applied or agent.code == verified_records.VM_STOPPED):
        yield Change(name="unresponsive", effect=Effect.RECREATE, reason=f"its agent is silent ({agent.code})")
    if record.is_dirty:
        yield Change(name="dirty", effect=Effect.RESTART, reason="its last update failed")
    if record.wanted is not target.wanted:
        yield Change(name="state", effect=Effect.RESTART, reason=f"to be {target.wanted.value}")
    elif isinstance(agent, AgentState) and not record.is_dirty:
        yield from _of_jobs(agent, target.wanted)


def _of_jobs(agent: AgentState, wanted: DesiredPower) -> Iterable[Change]:
    # Jobs that start by themselves (after a reboot, under a new supervisor) are let be: they end running or failing.
    is_running = agent.job_state in (JobState.RUNNING, JobState.STARTING)
    if wanted is DesiredPower.STARTED and not is_running:
        yield Change(name="state", effect=Effect.RESTART, reason=f"its jobs are {agent.job_state.value}")
    if wanted is DesiredPower.STOPPED and is_running:
        yield Change(name="state", effect=Effect.RESTART, reason="to be stopped")


def _of_disks(target: Target) -> Iterable[Change]:
    reasons = [_store_reason(target), *disk_differences.differences(target)]
    for reason in filter(None, reasons):
        yield Change(name="persistent_disk", effect=Effect.RESTART, reason=reason)


def _store_reason(target: Target) -> str:
    """Why the disk on the store has to change, "" when it is as it should be."""
    disk, wanted = target.record.disk, target.group.disk
    if target.record.old_disk:
        return "content is not yet on the new disk"
    if disk is None:
        return "persistent disk added" if wanted else ""
    if wanted is None:
        return "persistent disk no longer in the manifest"
    if disk.size_mib != wanted.size_mib:
        return f"persistent disk from {disk.size_mib} to {wanted.size_mib} MiB"
    if disk.cloud_properties != wanted.cloud_properties:
        return "persistent disk's cloud properties changed"
    if "" in target.renewed_disks:
        return "a new persistent disk asked"
    return "" if disk.hint and disk.is_mounted else "persistent disk is not mounted"


def _of_configuration(before: Applied, target: Target) -> Iterable[Change]:
    after = target.applied
    if before.packages != after.packages:
        keys = _differing(before.packages, after.packages)
        yield Change(name="packages", effect=Effect.RESTART, reason=f"package {keys} changed")
    if before.jobs != after.jobs:
        jobs = ", ".join(after.jobs) or "none"
        yield Change(name="job", effect=Effect.RESTART, reason=f"jobs are now {jobs}")
    elif before.configuration_hash != after.configuration_hash:
        jobs = ", ".join(after.jobs) or "the instance"
        is_taken_over = bool(after.restart_hash) and before.restart_hash == after.restart_hash
        effect = Effect.RELOAD if is_taken_over and target.wanted is DesiredPower.STARTED else Effect.RESTART
        yield Change(name="configuration", effect=effect, reason=f"configuration of {jobs} changed")


def _of_tags(vm: VmRecord, machine: WantedVm) -> Iterable[Change]:
    """Tags are put, never taken away: one that is no longer wanted is no difference."""
    there = {key: vm.tags[key] for key in machine.tags if key in vm.tags}
    if there != machine.tags:
        yield Change(name="tags", effect=Effect.TAG, reason=f"tag {_differing(there, machine.tags)} changed")


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> str:
    keys = sorted({*before, *after})
    return ", ".join(f"'{key}'" for key in keys if before.get(key) != after.get(key)) or "order"
