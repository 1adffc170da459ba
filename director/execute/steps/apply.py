"""Render an instance's templates and install them."""

from collections.abc import Mapping

from cpi.contract.values import JsonValue
from director.actions.apply import Apply
from director.execute.steps import compiled_packages, dns_publication
from director.execute.steps.context import StepContext
from director.model.agents.agent_requests import ApplyRequest
from director.model.environments import instance_spec
from director.model.environments.environment import JUMPBOX
from director.model.secret_ref import Property
from director.model.tasks.work import Result

_AGENT_KEYS = ("deployment", "name", "index", "id", "az", "bootstrap", "address", "ip", "persistent_disk", "networks")
"""The template spec for an agent: without properties, as they may contain secrets and the agent stores the spec."""


def do(context: StepContext, work: Apply) -> Result:
    """Render with secrets filled in, and install; the rendered files go to the agent and nowhere else.

    The DNS records come first: what starts next may look for others by name.
    """
    spec = instance_spec.with_addresses(work.spec, context.vm(work.instance).networks)
    request = ApplyRequest(
        facts=_agent_spec(spec.spec),
        jobs=tuple(job.name for job in spec.jobs),
        packages=compiled_packages.package_blobs(context, work.applied.packages),
        configuration_hash=work.applied.configuration_hash,
        files=context.world.renderer.render_jobs(spec, secret=context.world.vault.get_secret),
    )
    with context.agent_of(work.instance) as target:
        if context.state.deployment != JUMPBOX:
            context.world.agent.sync_dns(target, dns_publication.publish(context))
        context.world.agent.apply(target, request, watch=context.report)
    return Result()


def _agent_spec(spec: Mapping[str, Property]) -> Mapping[str, JsonValue]:
    return {name: _plain(spec[name]) for name in _AGENT_KEYS if name in spec}


def _plain(value: Property) -> JsonValue:
    """The value as JSON; a secret, should one be there, stays a name."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, str | int | float | bool | None):
        return value
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else str(value)
