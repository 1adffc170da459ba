"""Journal entries folded into a deployment's state. Pure; folding the same entries twice gives the same.

Takes a state and what began or was done, gives the new state.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from director.execute import changes, fold_disks, fold_vms
from director.model import work as works
from director.model.entries import Begun, Done, Entry, Failed, Outcome
from director.model.ids import ActionId, InstanceId
from director.model.plan import Action, Plan
from director.model.state import DeploymentState, InstanceRecord, SecretRecord

_HARMLESS_SCRIPTS = frozenset({"post-deploy"})


def fold_records(state: DeploymentState, plan: Plan) -> DeploymentState:
    """Write down the plan's records whole: identities, reservations, and what the cloud said is gone or there."""
    known = {record.id: record for record in state.instances}
    known |= {planned.id: planned for planned in plan.records}
    return replace(state, instances=tuple(known.values()))


def fold_entries(state: DeploymentState, plan: Plan, entries: Iterable[Entry]) -> DeploymentState:
    """Fold a whole journal, in the order written."""
    actions: Mapping[ActionId, Action] = {action.id: action for action in plan.actions}
    for entry in entries:
        match entry:
            case Begun():
                state = fold_begun(state, actions[entry.action])
            case Done(outcome=outcome):
                state = fold_outcome(state, actions[entry.action], outcome)
            case Failed():
                pass
    return state


def fold_begun(state: DeploymentState, action: Action) -> DeploymentState:
    """The call is about to leave: an instance it may change is dirty until it is finished."""
    instance = _touched(action.work)
    return (
        changes.change_instance(state, instance, lambda record: replace(record, is_dirty=True)) if instance else state
    )


def fold_outcome(state: DeploymentState, action: Action, outcome: Outcome) -> DeploymentState:
    """The call is done: what it gave becomes part of the state."""
    match action.work:
        case works.CreateVm() | works.DeleteVm() | works.SetVmMetadata() | works.AwaitAgent():
            return fold_vms.fold_vm(state, action, outcome)
        case works.Apply(instance=instance, applied=applied):
            return changes.change_instance(state, instance, lambda record: replace(record, applied=applied))
        case works.FinishInstance() as finish:
            return changes.change_instance(state, finish.instance, lambda record: _finish(record, finish))
        case works.MakeSecret(variable=variable, version=version):
            made = SecretRecord(version=version, type=variable.type, options=variable.options)
            return replace(state, secrets={**state.secrets, variable.name: made})
        case works.ForgetInstance(instance=instance):
            return replace(state, instances=tuple(one for one in state.instances if one.id != instance))
        case works.CreateDisk(instance=instance) | works.AttachDisk(instance=instance):
            return changes.change_instance(
                state, instance, lambda record: fold_disks.fold_disk(record, action, outcome)
            )
        case works.DetachDisk(instance=instance) | works.ResizeDisk(instance=instance):
            return changes.change_instance(
                state, instance, lambda record: fold_disks.fold_disk(record, action, outcome)
            )
        case works.OrphanDisk(instance=instance) | works.MountDisk(instance=instance):
            return changes.change_instance(
                state, instance, lambda record: fold_disks.fold_disk(record, action, outcome)
            )
        case works.UnmountDisk(instance=instance) | works.MigrateDisk(instance=instance):
            return changes.change_instance(
                state, instance, lambda record: fold_disks.fold_disk(record, action, outcome)
            )
        case _:
            return state


def _finish(record: InstanceRecord, finish: works.FinishInstance) -> InstanceRecord:
    applied = record.applied if finish.applied is None else finish.applied
    return replace(record, applied=applied, wanted=finish.wanted, is_dirty=False)


def _touched(work: works.Work) -> InstanceId | None:
    """The instance that is not as it was once this began; None for what can be cut short without harm."""
    match work:
        case works.FinishInstance() | works.ForgetInstance() | works.SetVmMetadata() | works.RunErrand():
            return None
        case works.SendPackages() | works.Prepare() | works.PutFile():
            return None
        case works.RunScript(script=script) if script in _HARMLESS_SCRIPTS:
            return None
        case _:
            return getattr(work, "instance", None)
