"""What became of VMs, folded into a deployment's state. Pure.

Takes a state, an action on a VM and its outcome, gives the new state.
"""

from collections.abc import Mapping
from dataclasses import replace

from cpi.values import JsonValue, NetworkSettings, StemcellCid, VmCid
from director.execute import changes, conform
from director.model import as_data
from director.model import work as works
from director.model.entries import Outcome
from director.model.ids import InstanceId
from director.model.plan import Action
from director.model.state import DeploymentState, DiskRecord, InstanceRecord, VmRecord


def fold_vm(state: DeploymentState, action: Action, outcome: Outcome) -> DeploymentState:
    """Fold the outcome of create_vm, delete_vm, set_vm_metadata or await_agent."""
    match action.work:
        case works.CreateVm() as create:
            return _with_vm(state, create, _record(action, create, outcome))
        case works.DeleteVm() as delete:
            return _without_vm(state, delete, VmCid(str(outcome.facts.get("cid", ""))))
        case works.SetVmMetadata(instance=instance, tags=tags):
            vm = _vm_of(state, instance)
            return _put_vm(state, instance, replace(vm, tags={**vm.tags, **tags})) if vm else state
        case works.AwaitAgent() as wait:
            return _with_host_key(state, wait, outcome)
        case _:
            return state


def _record(action: Action, create: works.CreateVm, outcome: Outcome) -> VmRecord:
    request, told = create.request, conform.addresses_told(outcome)
    return VmRecord(
        cid=VmCid(str(outcome.facts["cid"])),
        action=action.id,
        stemcell_cid=StemcellCid(request.stemcell_cid),
        networks=tuple(_network(network, told.get(network.name, {})) for network in request.networks),
        cloud=create.cloud,
        cloud_properties=request.cloud_properties,
        env=request.env,
        tags=request.tags,
        host_key=str(outcome.facts.get("host_key", "")),
    )


def _network(planned: NetworkSettings, told: Mapping[str, JsonValue]) -> NetworkSettings:
    """The network as planned, with what the plan left open as the cloud told it."""
    if planned.ip or not told:
        return planned
    found = as_data.decode(NetworkSettings, dict(told))
    return replace(planned, ip=found.ip, prefix=found.prefix, gateway=found.gateway, dns=planned.dns or found.dns)


def _with_vm(state: DeploymentState, create: works.CreateVm, vm: VmRecord) -> DeploymentState:
    """A new VM runs nothing yet and has no disk; folding the same VM again changes nothing."""
    if create.instance is None:
        return _with_compiler(state, create.compiler, vm)
    known = _vm_of(state, create.instance)
    if known and known.cid == vm.cid:
        return state
    return changes.change_instance(state, create.instance, lambda record: _emptied(record, vm))


def _without_vm(state: DeploymentState, delete: works.DeleteVm, cid: VmCid) -> DeploymentState:
    if delete.instance is not None:
        known = _vm_of(state, delete.instance)
        if known is None or known.cid != cid:
            return state
        return changes.change_instance(state, delete.instance, lambda record: _emptied(record, None))
    return replace(state, compilers={name: vm for name, vm in state.compilers.items() if vm.cid != cid})


def _emptied(record: InstanceRecord, vm: VmRecord | None) -> InstanceRecord:
    addresses = vm.addresses if vm else record.addresses
    disk, old_disk = _loose(record.disk), _loose(record.old_disk)
    return replace(record, vm=vm, addresses=addresses, applied=None, disk=disk, old_disk=old_disk)


def _loose(disk: DiskRecord | None) -> DiskRecord | None:
    return replace(disk, hint="", is_mounted=False) if disk else None


def _with_compiler(state: DeploymentState, name: str, vm: VmRecord) -> DeploymentState:
    return replace(state, compilers={**state.compilers, name: vm})


def _with_host_key(state: DeploymentState, wait: works.AwaitAgent, outcome: Outcome) -> DeploymentState:
    seen, cid = str(outcome.facts.get("host_key", "")), outcome.facts.get("cid")
    vm = _vm_of(state, wait.instance) if wait.instance is not None else state.compilers.get(wait.compiler)
    if vm is None or vm.cid != cid or not seen:
        return state
    known = replace(vm, host_key=seen)
    if wait.instance is None:
        return _with_compiler(state, wait.compiler, known)
    return _put_vm(state, wait.instance, known)


def _vm_of(state: DeploymentState, instance: InstanceId) -> VmRecord | None:
    record = state.instance(instance)
    return record.vm if record else None


def _put_vm(state: DeploymentState, instance: InstanceId, vm: VmRecord) -> DeploymentState:
    return changes.change_instance(state, instance, lambda record: replace(record, vm=vm))
