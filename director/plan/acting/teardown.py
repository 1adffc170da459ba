"""A deployment's end: every instance stopped and deleted, disks let go or deleted, nothing of it left.

Takes Observed and a request, gives a Plan. Source: cloudfoundry/bosh jobs/delete_deployment.rb.
"""

from collections.abc import Sequence

from cpi.contract.values import ENVIRONMENT_ITSELF
from director.actions.delete_disk import DeleteDisk
from director.actions.delete_vm import DeleteVm
from director.actions.publish_dns import PublishDns
from director.model.environments.deployment_dns import DeploymentDns
from director.model.environments.observed import CLOUD_TAG, Observed
from director.model.ids import ActionId, OwnerName
from director.model.tasks.plan import Action, Plan
from director.plan import network_lifecycle, order
from director.plan.acting import instance_actions, removals
from director.plan.acting.removals import Leaving
from director.plan.action_factory import ActionFactory, Description
from director.plan.deciding import adopted, ignored, instance_changes, unreachable_agents, verified_records
from director.plan.placing import strays
from director.plan.request import PlanRequest

DELETING = "Deleting instances"
DELETING_DISKS = "Deleting disks"
PUBLISHING = "Publishing DNS records"
REASON = "the deployment is deleted"


def plan_teardown(observed: Observed, request: PlanRequest) -> Plan:
    """Delete all that the deployment has; unless forced, agents must answer.

    Raises InputError: instance-ignored; AgentError: jumpbox-silent, agent-silent.
    """
    real = verified_records.verify_records(adopted.join(observed))
    records = real.state.instances
    ignored.require_kept(records)
    if not request.is_forcing:
        asked = [(record, real.agents.get(record.id)) for record in records]
        unreachable_agents.require_reachable(asked)
        unreachable_agents.require_answers(asked)
    factory = ActionFactory(run=request.run, environment=real.state.environment, deployment=real.state.deployment)
    ends = [
        removals.remove_instance(
            Leaving(
                record=record,
                reason=REASON,
                stage=DELETING,
                intents=removals.TORN_DOWN,
                agent=real.agents.get(record.id) if record.vm else None,
            ),
            factory,
            request,
        )
        for record in sorted(records, key=lambda record: (record.group, record.index))
    ]
    deletions = strays.sweep(real, factory)
    vms = tuple(action.id for action in deletions.actions)
    disks = _orphans(real, factory, after=vms) if request.is_deleting_disks else ()
    deleting = instance_actions.all_actions(ends)
    publishing = _publish(real, factory, after=[action.id for action in deleting if isinstance(action.work, DeleteVm)])
    networks = network_lifecycle.delete_unused((*deleting, *deletions.actions), real, factory)
    actions = order.order_actions((*deleting, *deletions.actions, *disks, *publishing, *networks))
    return Plan(
        run=request.run,
        environment=real.state.environment,
        deployment=real.state.deployment,
        actions=actions,
        records=observed.adopted,
        changes=instance_changes.instance_changes(actions, known=records),
        manifest="",
        dns=_no_dns(real.state.deployment),
    )


def _no_dns(deployment: OwnerName) -> DeploymentDns | None:
    return None if deployment is ENVIRONMENT_ITSELF else DeploymentDns(deployment=deployment)


def _publish(observed: Observed, factory: ActionFactory, *, after: Sequence[ActionId]) -> tuple[Action, ...]:
    """The VMs of other deployments no longer have its names."""
    if not after or not observed.has_other_vms:
        return ()
    about = Description(subject="DNS records", reason=REASON, stage=PUBLISHING)
    return (factory.new_action(PublishDns(), about, after=after),)


def _orphans(observed: Observed, factory: ActionFactory, *, after: tuple[ActionId, ...]) -> tuple[Action, ...]:
    """Disks of the deployment that no instance has any more."""
    records = observed.state.instances
    known = {disk.cid for record in records for disk in record.disks}
    return tuple(
        factory.new_action(
            DeleteDisk(cloud=disk.tags[CLOUD_TAG], cid=disk.cid),
            Description(subject=f"disk {disk.cid}", reason="an orphan of the deployment", stage=DELETING_DISKS),
            after=after,
            detail=disk.cid,
        )
        for disk in observed.disks
        if disk.cid not in known
    )
