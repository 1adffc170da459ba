"""DNS records written down as published, and what a VM gets of them.

Takes a context whose plan has records, gives the request that brings all of the environment's to a VM.
"""

from director.execute.steps.context import StepContext
from director.model.agents.agent_requests import DnsRequest
from director.model.environments import dns_documents
from director.model.environments.deployment_dns import StoredDns
from director.model.environments.desired import VariableSpec

HEALTH_KEY = "dns_health_key"
"""The secret of an environment with which instances sign what they say of their health."""


def publish(context: StepContext, *, is_sent: bool = False) -> DnsRequest:
    """Write the plan's records down with the addresses of now; twice is once. A plan without leaves them."""
    planned = context.index.dns
    own = dns_documents.with_addresses(planned, context.state) if planned else None
    published = context.world.store.publish_dns(
        context.environment.name,
        StoredDns(dns=own, is_sent=is_sent or not context.index.is_publishing) if own else None,
        at=context.world.clock.now(),
    )
    return DnsRequest(
        version=published.version,
        document=dns_documents.records_document(published),
        health_key=_health_key(context),
    )


def _health_key(context: StepContext) -> str:
    name = f"/{context.environment.name}/{HEALTH_KEY}"
    context.world.vault.make_secret(VariableSpec(name=name, type="password", options={"length": 40}))
    return str(context.world.vault.get_secret(name))
