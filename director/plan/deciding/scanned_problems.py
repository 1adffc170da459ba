"""The problems of a deployment: where its records differ from what its cloud and its agents report.

Takes Observed, gives problems by instance. Source: cloudfoundry/bosh problem_scanner/vm_scan_stage.rb,
problem_scanner/disk_scan_stage.rb.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from cpi.contract.values import DiskCid, FoundDisk, FoundVm, VmCid, VmState
from director.model.agents.agent_state import AgentState
from director.model.environments.cloud_problem import CloudProblem, ProblemType, Resolution
from director.model.environments.observed import NoAnswer, Observed
from director.model.environments.state import DesiredPower, DiskRecord, InstanceRecord
from director.model.ids import InstanceId
from director.plan.deciding import disk_differences, unreachable_agents


def scan_problems(observed: Observed, *, resumed: Collection[InstanceId] = ()) -> tuple[CloudProblem, ...]:
    """All problems, those of VMs before those of disks; ignored instances have none.

    `resumed` are instances whose resolution was interrupted: `--auto` finishes them.
    Raises AgentError, code `jumpbox-silent`: nothing is known of what is behind it.
    """
    vms = {vm.created.cid: vm for vm in observed.vms}
    found = {disk.cid: disk for disk in observed.disks}
    ordered = sorted(observed.state.instances, key=lambda record: (record.group, record.index))
    records = [record for record in ordered if not record.is_ignored]
    unreachable_agents.require_reachable((record, observed.agents.get(record.id)) for record in records)
    return (
        *(each for record in records for each in _of_vm(record, vms, observed, resumed=resumed)),
        *(each for record in records for each in _of_disks(record, found, vms, agents=observed.agents)),
    )


def _of_vm(
    record: InstanceRecord, vms: Mapping[VmCid, FoundVm], observed: Observed, *, resumed: Collection[InstanceId]
) -> Iterator[CloudProblem]:
    if record.vm is None:
        if record.wanted is not DesiredPower.DETACHED:
            yield _missing_vm(record, f"VM for '{record.name}' missing.")
        return
    vm, agent = vms.get(record.vm.cid), observed.agents.get(record.id)
    if vm is None or vm.state is VmState.INCOMPLETE:
        yield _missing_vm(record, f"VM for '{record.name}' with cloud ID '{record.vm.cid}' missing.")
    elif vm.state is VmState.STOPPED or isinstance(agent, NoAnswer):
        is_off = ": it is switched off" if vm.state is VmState.STOPPED else ""
        yield CloudProblem(
            type=ProblemType.UNRESPONSIVE_AGENT,
            instance=record.id,
            name=record.name,
            vm_cid=record.vm.cid,
            description=f"VM for '{record.name}' with cloud ID '{record.vm.cid}' is not responding{is_off}.",
        )
    elif record.is_dirty and disk_differences.inactive_disk(record) is None:
        yield CloudProblem(
            type=ProblemType.UNFINISHED_UPDATE,
            instance=record.id,
            name=record.name,
            vm_cid=record.vm.cid,
            auto=Resolution.FINISH_UPDATE if record.id in resumed else Resolution.IGNORE,
            description=f"The update of '{record.name}' began and did not finish.",
        )


def _missing_vm(record: InstanceRecord, description: str) -> CloudProblem:
    return CloudProblem(
        type=ProblemType.MISSING_VM,
        instance=record.id,
        name=record.name,
        vm_cid=record.vm.cid if record.vm else "",
        auto=Resolution.RECREATE_VM_WITHOUT_WAIT,
        description=description,
    )


def _of_disks(
    record: InstanceRecord,
    found: Mapping[DiskCid, FoundDisk],
    vms: Mapping[VmCid, FoundVm],
    *,
    agents: Mapping[InstanceId, AgentState | NoAnswer],
) -> Iterable[CloudProblem]:
    inactive = disk_differences.inactive_disk(record)
    for disk in record.disks:
        about = f"Disk '{disk.cid}' ({record.name}, {disk.size_mib}M)"
        if disk.cid not in found:
            yield _of_disk(ProblemType.MISSING_DISK, record, disk, description=f"{about} is missing.")
        elif disk == inactive:
            yield _of_disk(ProblemType.INACTIVE_DISK, record, disk, description=f"{about} is inactive.")
        elif record.vm and record.vm.cid in vms and inactive is None and not record.is_dirty:
            agent = agents.get(record.id)
            where = _elsewhere(record, found[disk.cid], agent=agent)
            if where:
                yield _of_disk(
                    ProblemType.MOUNT_INFO_MISMATCH,
                    record,
                    disk,
                    description=f"{about} should be mounted on VM '{record.vm.cid}', but is {where}.",
                )


def _elsewhere(record: InstanceRecord, disk: FoundDisk, *, agent: AgentState | NoAnswer | None) -> str:
    """Where it is instead of on its VM, "" where it is in place; named disks are attached and never mounted."""
    if disk.vm_cid is None:
        return "not attached to any VM"
    if record.vm is None or disk.vm_cid != record.vm.cid:
        return f"attached to VM '{disk.vm_cid}'"
    is_on_store = record.disk is not None and record.disk.cid == disk.cid
    return "not mounted there" if is_on_store and isinstance(agent, AgentState) and disk.cid not in agent.disks else ""


def _of_disk(kind: ProblemType, record: InstanceRecord, disk: DiskRecord, *, description: str) -> CloudProblem:
    return CloudProblem(
        type=kind,
        instance=record.id,
        name=record.name,
        vm_cid=record.vm.cid if record.vm else "",
        disk_cid=disk.cid,
        description=description,
    )
