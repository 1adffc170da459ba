"""Publish DNS records, and send them to every VM of the environment."""

from director.actions.publish_dns import PublishDns
from director.errors import AgentError
from director.execute.steps import dns_publication
from director.execute.steps.context import StepContext
from director.model.agents.agent_requests import DnsRequest
from director.model.environments.environment import JUMPBOX
from director.model.environments.state import InstanceRecord
from director.model.tasks.work import Result


def do(context: StepContext, work: PublishDns) -> Result:
    """A VM that cannot be reached is reported and left out, as in BOSH: its next deploy brings them."""
    request = dns_publication.publish(context)
    for record in _receivers(context):
        _send(context, record, request)
    dns_publication.publish(context, is_sent=True)
    return Result()


def _receivers(context: StepContext) -> list[InstanceRecord]:
    """The instances with a VM, the deployment's own first."""
    own = [record for record in context.state.instances if record.vm]
    others = [
        record
        for state in context.world.store.list_deployments(context.environment.name)
        if state.deployment not in (context.state.deployment, JUMPBOX)
        for record in state.instances
        if record.vm
    ]
    return [*own, *others]


def _send(context: StepContext, record: InstanceRecord, request: DnsRequest) -> None:
    target = context.environment.target_of(record.vm, record.name) if record.vm else None
    if target is None:
        return
    try:
        context.world.agent.sync_dns(target, request)
    except AgentError as error:
        context.report(f"{record.name} did not get the DNS records: {error.what}")
