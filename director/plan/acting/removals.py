"""An instance's end: stopped, its disk let go, its VM deleted, forgotten.

Takes records, gives chains. Source: cloudfoundry/bosh instance_deleter.rb.
"""

from collections.abc import Mapping

from cpi.contract.value_classes import dataclass
from director.actions.delete_disk import DeleteDisk
from director.actions.delete_vm import DeleteVm
from director.actions.forget_instance import ForgetInstance
from director.actions.orphan_disk import OrphanDisk
from director.model.agents.agent_state import AgentState
from director.model.environments.observed import NoAnswer
from director.model.environments.state import DiskRecord, InstanceRecord
from director.model.ids import ActionId
from director.plan.acting import disks, named_disks, scripts
from director.plan.acting.instance_actions import Chain
from director.plan.action_factory import ActionFactory, Description, Line
from director.plan.request import PlanRequest

DELETING = "Deleting unneeded instances"
REMOVED = {"BOSH_VM_NEXT_STATE": "delete", "BOSH_INSTANCE_NEXT_STATE": "delete"}
TORN_DOWN = {**REMOVED, "BOSH_DEPLOYMENT_NEXT_STATE": "delete"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """An instance to remove. `agent` is its agent's state; None if it was not queried."""

    record: InstanceRecord
    reason: str
    stage: str = DELETING
    intents: Mapping[str, str]
    agent: AgentState | NoAnswer | None = None


def remove_instance(leaving: Leaving, factory: ActionFactory, request: PlanRequest) -> Chain:
    """Write down an instance's end; a silent or missing VM is not asked to stop."""
    record = leaving.record
    line = Line(factory, Description(subject=record.name, reason=leaving.reason, stage=leaving.stage))
    is_asked = record.vm is not None and not request.is_forcing and not isinstance(leaving.agent, NoAnswer)
    if is_asked:
        _stop(line, leaving, request)
        disks.take_down(line, record)
        named_disks.take_down(line, record)
    if record.vm:
        line.add(DeleteVm(cloud=record.vm.cloud, instance=record.id))
    if record.old_disk:
        _let_go(line, record, record.old_disk, request=request, is_old=True)
    if record.disk:
        _let_go(line, record, record.disk, request=request)
    named_disks.remove(line, record, is_deleting=request.is_deleting_disks)
    line.add(ForgetInstance(instance=record.id))
    return _chain(line)


def delete_vm_of(chain: Chain) -> ActionId | None:
    """The action that frees the instance's addresses, None if it has no VM."""
    return next((action.id for action in chain.actions if isinstance(action.work, DeleteVm)), None)


def _stop(line: Line, leaving: Leaving, request: PlanRequest) -> None:
    agent = leaving.agent
    has_run = agent.spec if isinstance(agent, AgentState) else leaving.record.applied
    if leaving.record.applied is None and not has_run:
        return
    is_draining = not request.is_skipping_drain(leaving.record.group)
    scripts.stop(line, leaving.record, intents=leaving.intents, drain="shutdown" if is_draining else "")


def _let_go(
    line: Line, record: InstanceRecord, disk: DiskRecord, *, request: PlanRequest, is_old: bool = False
) -> None:
    detail = "old" if is_old else ""
    line.add(OrphanDisk(cloud=disk.cloud, instance=record.id, is_old=is_old), detail=detail)
    if request.is_deleting_disks:
        line.add(DeleteDisk(cloud=disk.cloud, cid=disk.cid), detail=detail)


def _chain(line: Line) -> Chain:
    actions = tuple(line.actions)
    return Chain(
        subject=line.about.subject,
        actions=actions,
        gated=frozenset(action.id for action in actions),
        entering=actions[0].id,
        leaving=actions[-1].id,
    )
