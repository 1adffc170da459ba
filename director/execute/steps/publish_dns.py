"""Publish DNS records, and send them to every VM of the environment."""

from director.actions.publish_dns import PublishDns
from director.errors import AgentError
from director.execute.steps import dns_publication
from director.execute.steps.context import StepContext
from director.model.agents.agent_requests import DnsRequest
from director.model.environments.environment import JUMPBOX
from director.model.environments.state import InstanceRecord
from director.model.tasks.work import Result

_OTHERS_S = 30.0
"""So long at most for the VMs of other deployments: silent ones must not hold this one up."""


def do(context: StepContext, work: PublishDns) -> Result:
    """A VM that cannot be reached is reported and left out, as in BOSH; one of this deployment gets them next time."""
    request = dns_publication.publish(context)
    reached = [_send(context, record, request) for record in context.state.instances if record.vm]
    clock = context.world.clock
    deadline = clock.now() + _OTHERS_S
    for record in _of_others(context):
        if clock.now() > deadline:
            context.report("the VMs of other deployments take too long; those that are left get the records later")
            break
        _send(context, record, request)
    dns_publication.publish(context, is_sent=all(reached))
    return Result()


def _of_others(context: StepContext) -> list[InstanceRecord]:
    """The instances of other deployments that have a VM."""
    return [
        record
        for state in context.world.store.list_deployments(context.environment.name)
        if state.deployment not in (context.state.deployment, JUMPBOX)
        for record in state.instances
        if record.vm
    ]


def _send(context: StepContext, record: InstanceRecord, request: DnsRequest) -> bool:
    """Gives whether the VM has them; one without an address cannot have any."""
    target = context.environment.target_of(record.vm, record.name) if record.vm else None
    if target is None:
        return True
    try:
        context.world.agent.sync_dns(target, request)
    except AgentError as error:
        context.report(f"{record.name} did not get the DNS records: {error.what}")
        return False
    return True
