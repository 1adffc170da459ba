"""Adoption: what a deployment has at its clouds recorded as its manifest says, where agents show that it is so.

Takes Desired and Observed, gives a plan that creates, changes and deletes nothing, and what becomes of each instance.
The manifest is taken as the one that was deployed: no cloud tells a VM's stemcell or cloud properties. Jobs, packages
and configuration are compared with what the agent was given.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid, FoundDisk, NetworkSettings, VmState
from director.actions.associate_disk import AssociateDisk
from director.actions.attach_disk import AttachDisk
from director.actions.await_agent import AwaitAgent
from director.actions.finish_instance import FinishInstance
from director.actions.mount_disk import MountDisk
from director.errors import StateError, raise_all
from director.model.agents import agent_address
from director.model.agents.agent_state import AgentState
from director.model.environments import disk_sizes, state_changes
from director.model.environments.desired import Desired
from director.model.environments.observed import INSTANCE_TAG, Observed
from director.model.environments.state import Applied, DiskRecord, InstanceRecord, VmRecord
from director.model.tasks.plan import Action, Plan
from director.plan import order
from director.plan.acting import plan_input
from director.plan.acting.plan_input import PlanInput
from director.plan.action_factory import Description, Line
from director.plan.deciding.targets import Target
from director.plan.placing import strays
from director.plan.request import PlanRequest

ADOPTING = "Adopting"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedInstance:
    """`difference` is why its next deploy changes it, "" where it is as the manifest says."""

    record: InstanceRecord
    difference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """`instances` are those that the state does not have so yet; `missing` are names that have neither VM nor disk."""

    plan: Plan
    instances: tuple[AdoptedInstance, ...] = ()
    missing: tuple[str, ...] = ()


def plan_adoption(desired: Desired, observed: Observed, request: PlanRequest) -> Adoption:
    """Raises StateError: vms-ambiguous, adopt-secret-missing; and what placing instances raises."""
    raise_all(_duplicates(observed))
    inputs = plan_input.build_plan_input(desired, observed, request)
    if inputs.secrets:
        raise _secrets_missing(desired, sorted(inputs.secrets))
    there = [target for target in inputs.targets if target.record.vm or target.record.disks]
    adopted = [(target, _recorded(target, observed)) for target in there]
    actions = [action for target, record in adopted for action in _actions(target, record, observed, inputs=inputs)]
    others = [record for record in inputs.removed_instances if record not in observed.state.instances]
    before = {record.id: record for record in observed.state.instances}
    changed = {action.work.instance_id for action in actions}
    touched = [
        (target, record) for target, record in adopted if record != before.get(record.id) or record.id in changed
    ]
    return Adoption(
        plan=Plan(
            run=request.run,
            environment=desired.environment,
            deployment=desired.deployment,
            actions=order.order_actions(actions),
            records=(*(record for _, record in touched), *others),
            manifest=desired.manifest,
            links=desired.links,
            packages=desired.packages_by_release(),
        ),
        instances=(
            *(AdoptedInstance(record=record, difference=_difference(target, record)) for target, record in touched),
            *(AdoptedInstance(record=record, difference="not in the manifest") for record in others),
        ),
        missing=tuple(target.name for target in inputs.targets if target not in there),
    )


def _duplicates(observed: Observed) -> Iterator[StateError]:
    """Several whole VMs for one instance: which of them is in use is not guessed."""
    joined = replace(observed, state=replace(observed.state, instances=observed.joined))
    there = {vm.created.cid for vm in observed.vms}
    records = {str(record.id): record for record in observed.joined if record.vm and record.vm.cid in there}
    for stray in strays.stray_vms(joined):
        record = records.get(stray.tags.get(INSTANCE_TAG, ""))
        if record is not None and record.vm is not None and stray.state is not VmState.INCOMPLETE:
            listed = ", ".join(sorted((record.vm.cid, stray.created.cid)))
            yield StateError(
                "vms-ambiguous",
                f"The cloud has several VMs that belong to {record.name}: {listed}.",
                why="The state was lost or is older, so the one that is in use is unknown.",
                fix="Inspect the VMs in the cloud, delete all but the one in use, then run the command again.",
            )


def _recorded(target: Target, observed: Observed) -> InstanceRecord:
    """The record with what the manifest says of a VM that is known by tags alone, and disks as the cloud has them."""
    found = {disk.cid: disk for disk in observed.disks}
    wanted = _wanted_sizes(target)
    record = state_changes.change_disks(target.record, lambda disk: _sized(disk, found, wanted))
    if record.vm is None or record.vm.stemcell_cid or not _has_its_networks(target, record.vm):
        return record
    machine = target.machine
    networks = tuple(_filled(net, record.vm) for net in machine.networks)
    vm = replace(
        record.vm,
        stemcell_cid=machine.stemcell_cid,
        networks=networks,
        cloud_properties=machine.cloud_properties,
        env=machine.env,
        env_secrets=machine.env_secrets,
        agent=agent_address.first_address(networks, record.vm.host_key),
    )
    return replace(record, vm=vm)


def _has_its_networks(target: Target, vm: VmRecord) -> bool:
    """Whether the VM is on the cloud and the networks of the manifest, with the addresses that were planned."""
    found = {net.name: net.ip for net in vm.networks}
    wanted = {net.name: net.ip for net in target.machine.networks}
    is_same = found.keys() == wanted.keys() and all(not ip or ip == found[name] for name, ip in wanted.items())
    return is_same and vm.cloud == target.machine.cloud


def _filled(planned: NetworkSettings, vm: VmRecord) -> NetworkSettings:
    """The network as planned, with the address that the cloud chose."""
    reported = next(net for net in vm.networks if net.name == planned.name)
    if planned.ip:
        return planned
    dns = planned.dns or reported.dns
    return replace(planned, ip=reported.ip, prefix=reported.prefix, gateway=reported.gateway, dns=dns)


def _wanted_sizes(target: Target) -> Mapping[DiskCid, int]:
    """Of each disk that the manifest has, too."""
    record, group = target.record, target.group
    on_store = {record.disk.cid: group.disk.size_mib} if record.disk and group.disk else {}
    named = {
        disk.cid: group.named_disks[name].size_mib
        for name, disk in record.named_disks.items()
        if name in group.named_disks
    }
    return {**on_store, **named}


def _sized(disk: DiskRecord, found: Mapping[DiskCid, FoundDisk], wanted: Mapping[DiskCid, int]) -> DiskRecord:
    if disk.cid not in found:
        return disk
    size_mib = found[disk.cid].size_mib
    return replace(disk, size_mib=disk_sizes.recorded_mib(size_mib, wanted.get(disk.cid, size_mib)))


def _actions(target: Target, record: InstanceRecord, observed: Observed, *, inputs: PlanInput) -> Sequence[Action]:
    """Calls that change nothing where all is as found: they tell where disks are, and which key the agent shows."""
    agent = target.agent
    if record.vm is None or not record.vm.stemcell_cid or not isinstance(agent, AgentState):
        return ()
    line = Line(inputs.factory, Description(subject=record.name, reason="recorded", stage=ADOPTING))
    if record.vm.host_key is None:
        line.add(AwaitAgent(instance=record.id))
    attached = {disk.cid for disk in observed.disks if disk.vm_cid == record.vm.cid}
    if record.disk and record.disk.cid in attached and not (record.disk.hint and record.disk.is_mounted):
        line.add(AttachDisk(cloud=record.disk.cloud, instance=record.id))
        if record.disk.cid in agent.disks:
            line.add(MountDisk(instance=record.id))
    for name, disk in record.named_disks.items():
        if disk.cid in attached and not (disk.hint and disk.is_mounted):
            line.add(AttachDisk(cloud=disk.cloud, instance=record.id, disk=name), detail=name)
            line.add(AssociateDisk(instance=record.id, disk=name), detail=name)
    is_noted = not record.is_dirty and record.applied == target.applied and not line.actions
    if _runs(agent, target.applied) and not is_noted:
        line.add(FinishInstance(instance=record.id, applied=target.applied, wanted=record.wanted))
    return line.actions


def _runs(agent: AgentState, applied: Applied) -> bool:
    """Whether the agent was given these jobs, packages and this configuration."""
    packages = agent.spec.get("packages")
    listed = packages if isinstance(packages, list | tuple) else ()
    versions = {str(one.get("name")): str(one.get("version")) for one in listed if isinstance(one, Mapping)}
    jobs = agent.spec.get("jobs")
    return (
        agent.spec.get("configuration_hash") == applied.configuration_hash
        and isinstance(jobs, list | tuple)
        and tuple(jobs) == applied.jobs
        and versions == applied.packages
    )


def _difference(target: Target, record: InstanceRecord) -> str:
    if record.vm is None:
        return "its VM is missing"
    if not record.vm.stemcell_cid:
        return "its networks are not those of the manifest"
    if not isinstance(target.agent, AgentState):
        return f"its agent is silent ({target.agent.code})" if target.agent else "its agent was not queried"
    if not _runs(target.agent, target.applied):
        return "its configuration is not that of the manifest"
    return ""


def _secrets_missing(desired: Desired, names: Sequence[str]) -> StateError:
    return StateError(
        "adopt-secret-missing",
        f"The vault lacks secrets of deployment '{desired.deployment}': {', '.join(names)}.",
        why="Its instances use values that no VM returns. With others they would not be recorded as they are.",
        fix="Put the folder vault and vault.key back from a backup, or set the values with `compleat import-vars`. "
        "Without them run `compleat deploy`: it generates others and updates the instances.",
    )
