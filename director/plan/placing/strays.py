"""VMs of the environment without a record, and compile VMs left over: deleted.

Takes what the cloud has and the state, gives actions.

An interrupted create is settled by its journal before any plan is made, and an instance whose record was lost is
adopted by its tags: a VM that is left without a record was never completed, compiled packages, or is a duplicate.
Disks are never deleted here: their content may be all that is left.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import FoundVm, VmState
from director.actions.delete_vm import DeleteVm
from director.model.environments.observed import CLOUD_TAG, Observed
from director.model.environments.state import VmRecord
from director.model.ids import ActionId
from director.model.tasks.plan import Action
from director.plan.action_factory import ActionFactory, Description

CLEANING = "Deleting strays"


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayDeletions:
    """`freed` says which action frees an address that a stray holds."""

    actions: tuple[Action, ...]
    freed: Mapping[str, ActionId]


def stray_vms(observed: Observed) -> tuple[FoundVm, ...]:
    """VMs of the deployment that no record and no compile VM of the state is."""
    known = {record.vm.cid for record in observed.state.instances if record.vm}
    known |= {vm.cid for vm in observed.state.compilers.values()}
    return tuple(vm for vm in observed.vms if vm.created.cid not in known)


def sweep_holders(observed: Observed, factory: ActionFactory, wanted: Collection[str]) -> StrayDeletions:
    """Delete the strays that hold an address which is wanted, and leave the others."""
    holders = (vm for vm in stray_vms(observed) if any(net.ip in wanted for net in vm.created.networks if net.ip))
    return _sweep(tuple(holders), factory)


def sweep(observed: Observed, factory: ActionFactory) -> StrayDeletions:
    """Delete strays and compile VMs left over."""
    deletions = _sweep(stray_vms(observed), factory)
    compilers = [_delete_compiler(name, vm, factory) for name, vm in sorted(observed.state.compilers.items())]
    return replace(deletions, actions=(*deletions.actions, *compilers))


def _sweep(strays: Sequence[FoundVm], factory: ActionFactory) -> StrayDeletions:
    actions = tuple(_delete_stray(vm, factory) for vm in strays)
    freed = {
        net.ip: action.id for vm, action in zip(strays, actions, strict=True) for net in vm.created.networks if net.ip
    }
    return StrayDeletions(actions=actions, freed=freed)


def _delete_stray(vm: FoundVm, factory: ActionFactory) -> Action:
    reason = "its creation never completed" if vm.state is VmState.INCOMPLETE else "no record owns it"
    about = Description(subject=f"VM {vm.tags.get('name') or vm.created.cid}", reason=reason, stage=CLEANING)
    work = DeleteVm(cloud=vm.tags[CLOUD_TAG], cid=vm.created.cid)
    return factory.new_action(work, about, detail=f"stray-{vm.created.cid}")


def _delete_compiler(name: str, vm: VmRecord, factory: ActionFactory) -> Action:
    about = Description(subject=name, reason="left over", stage=CLEANING)
    return factory.new_action(DeleteVm(cloud=vm.cloud, compiler=name), about)
