"""Links between deployments: what this one shares, and the links of others that its jobs consume.

Takes providers, links and the states of other deployments; gives DeploymentLinks, or a Link. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/links/links_manager.rb.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from director.model.environments.deployment_dns import DnsFeatures
from director.model.environments.desired import Group, GroupNetwork, Link, LinkedInstance, LinkSource
from director.model.environments.shared_links import ConsumedLink, DeploymentLinks, SharedLink
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName
from director.model.releases.release import LinkDefinition
from director.model.written.manifest import Consume
from director.resolve.findings import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkProblem:
    """Why a link does not resolve; `what` continues the sentence "Link 'x' of job 'y' ..."."""

    code: str
    what: str
    why: str
    fix: str


def default_network(networks: Iterable[GroupNetwork]) -> str:
    """The network whose address is an instance's: the default for addressable, else for gateway."""
    uses = list(networks)
    for kind in ("addressable", "gateway"):
        for use in uses:
            if kind in use.defaults:
                return use.name
    return uses[0].name if uses else ""


def consumed_links(groups: Iterable[Group]) -> tuple[ConsumedLink, ...]:
    """What the jobs consume of other deployments."""
    sources = [link.source for group in groups for job in group.jobs for link in job.links]
    consumed = {
        ConsumedLink(deployment=source.deployment, alias=source.alias)
        for source in sources
        if source.deployment is not None
    }
    return tuple(sorted(consumed, key=lambda link: (link.deployment, link.alias)))


def deployment_links(shared: Iterable[SharedLink], groups: Iterable[Group]) -> DeploymentLinks:
    """What the deployment shares and consumes."""
    ordered = tuple(sorted(shared, key=lambda link: (link.alias, link.type)))
    return DeploymentLinks(shared=ordered, consumed=consumed_links(groups))


def resolve_shared(
    definition: LinkDefinition, written: Consume, others: Mapping[str, DeploymentState]
) -> Link | LinkProblem:
    """The link that another deployment shares, as its last deploy left it."""
    deployment = written.deployment or ""
    state = others.get(deployment)
    if state is None:
        return _deployment_missing(deployment, others)
    wanted = (written.from_ or definition.name).rpartition(".")[2]
    named = [link for link in state.links.shared if link.alias == wanted]
    fitting = [link for link in named if link.type == definition.type]
    if len(fitting) != 1:
        return _not_one(definition, state, wanted=wanted, fitting=fitting or named)
    (shared,) = fitting
    network = written.network or shared.default_network
    if network not in shared.networks:
        return LinkProblem(
            code="link-network-missing",
            what=f"requests addresses on network '{network}', which its provider does not have",
            why=f"{shared} of deployment '{deployment}' is on {', '.join(map(repr, shared.networks))}.",
            fix="Name one of those networks.",
        )
    return Link(
        name=definition.name,
        type=definition.type,
        source=LinkSource(
            group=shared.group,
            job=shared.job,
            network=network,
            deployment=DeploymentName(deployment),
            alias=shared.alias,
            dns=dns_of(shared.dns, written),
            instances=_instances(state, shared.group, network),
        ),
        properties=shared.properties,
    )


def dns_of(provider: DnsFeatures, written: Consume | None) -> DnsFeatures:
    """How a link names its instances: names or addresses as the consumer wants, else as the provider's deployment."""
    if written is None or written.ip_addresses is None:
        return provider
    return replace(provider, is_by_name=not written.ip_addresses)


def _instances(state: DeploymentState, group: str, network: str) -> tuple[LinkedInstance, ...]:
    records = sorted((each for each in state.instances if each.group == group), key=lambda record: record.index)
    return tuple(
        LinkedInstance(
            name=record.group,
            id=record.id,
            index=record.index,
            az=record.az or "",
            address=record.addresses.get(network, ""),
            is_bootstrap=record.is_bootstrap,
        )
        for record in records
    )


def _deployment_missing(deployment: str, others: Mapping[str, DeploymentState]) -> LinkProblem:
    near = nearest(deployment, others)
    known = ", ".join(map(repr, sorted(others)))
    return LinkProblem(
        code="link-deployment-missing",
        what=f"comes from deployment '{deployment}', which does not exist",
        why=f"The environment's other deployments are: {known}." if known else "The environment has no other.",
        fix=f"Did you mean '{near}'?" if near else f"Deploy '{deployment}' first.",
    )


def _not_one(
    definition: LinkDefinition, state: DeploymentState, *, wanted: str, fitting: Sequence[SharedLink]
) -> LinkProblem:
    """None of that name and type, or more than one."""
    if fitting and all(link.type == definition.type for link in fitting):
        return LinkProblem(
            code="link-ambiguous",
            what=f"has {len(fitting)} providers called '{wanted}' in deployment '{state.deployment}'",
            why=f"They are: {', '.join(map(str, fitting))}.",
            fix="Give each another name there with `provides: {...: {as: ...}}`.",
        )
    if fitting:
        return LinkProblem(
            code="link-type-differs",
            what=f"is of type '{definition.type}', but {fitting[0]} of deployment '{state.deployment}' is not",
            why=f"That one is of type '{fitting[0].type}'.",
            fix="Name a shared link of the same type.",
        )
    shared = sorted({link.alias for link in state.links.shared})
    near = nearest(wanted, shared)
    share = f"put `provides: {{{wanted}: {{shared: true}}}}` on its job, and deploy '{state.deployment}' again."
    return LinkProblem(
        code="unknown-link",
        what=f"requests provider '{wanted}', which deployment '{state.deployment}' does not share",
        why=f"It shares: {', '.join(map(repr, shared))}." if shared else "It shares no links.",
        fix=f"Did you mean '{near}'?" if near else share,
    )
