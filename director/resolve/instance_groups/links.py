"""Links: each job's consumed links with their providers.

Takes placed jobs and their bound properties, gives Link values. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/links/links_manager.rb, link_helpers.rb.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.model.environments.deployment_dns import DnsFeatures, LinkAlias
from director.model.environments.desired import Link, LinkedInstance, LinkSource, ProvidedLink
from director.model.releases.release import LinkDefinition
from director.model.secret_ref import Property
from director.model.written.manifest import Consume, Provide
from director.resolve.findings import Findings, nearest
from director.resolve.instance_groups import properties, shared_links
from director.resolve.releases.placed import Placed, PlacedJob
from director.resolve.request import ResolveRequest
from director.resolve.variables import variables


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A link on offer; `alias` is what `from` calls it. Its `properties` are what it hands over.

    `job` is "" for a disk of the group, which no job provides.
    """

    group: str
    job: str
    link: ProvidedLink
    networks: tuple[str, ...]
    properties: Mapping[str, Property] = field(repr=False)

    def __str__(self) -> str:
        what = f"job '{self.job}'" if self.job else "persistent disk"
        return f"'{self.link.alias}' ({what} of instance group '{self.group}')"


Bound = Mapping[tuple[str, str], Mapping[str, Property]]
"""Properties of each job by (group, job)."""


def resolve_providers(
    request: ResolveRequest, placed: Placed, bound: Bound, *, found: Findings
) -> tuple[Provider, ...]:
    """All links on offer, in the manifest's order; one whose manifest entry is `nil` is not.

    Reports: link-property-undeclared, duplicate-link. Remarks: link-name-unused, key-ignored.
    """
    networks = {
        group.name: tuple(network.name for network in group.networks)
        for group in request.manifest.document.instance_groups
    }
    providers = []
    for job in (job for jobs in placed.values() for job in jobs):
        _remark_unused(request, job, "provides", known=[each.name for each in job.source.provides], found=found)
        for definition in _offered(request, job, found):
            provided = _provided(request, job, definition=definition, found=found)
            if provided:
                handed = _handed(request, job, definition, bound=bound[job.group, job.use.name], found=found)
                providers.append(
                    Provider(
                        group=job.group,
                        job=job.use.name,
                        link=provided,
                        networks=networks[job.group],
                        properties=handed,
                    )
                )
    return tuple(providers)


def _offered(request: ResolveRequest, job: PlacedJob, found: Findings) -> list[LinkDefinition]:
    """What the job's spec provides, and what the manifest adds."""
    offered = list(job.source.provides)
    for index, custom in enumerate(job.use.custom_provider_definitions):
        if custom.name in [each.name for each in offered]:
            found.report(
                "duplicate-link",
                f"Job '{job.use.name}' of instance group '{job.group}' provides link '{custom.name}' twice.",
                why="The job's spec or another custom definition has that name.",
                fix="Choose another name.",
                where=request.manifest.where(*job.path, "custom_provider_definitions", index),
            )
        else:
            offered.append(LinkDefinition(name=custom.name, type=custom.type, properties=custom.properties))
    return offered


def _provided(
    request: ResolveRequest, job: PlacedJob, *, definition: LinkDefinition, found: Findings
) -> ProvidedLink | None:
    written = job.use.provides.get(definition.name)
    if written == "nil":
        return None
    alias = written.as_ if written is not None and written.as_ else definition.name
    is_shared = written is not None and written.shared
    aliases = tuple(
        _link_alias(request, job, definition=definition, number=number, found=found)
        for number in range(len(written.aliases) if written is not None else 0)
    )
    return ProvidedLink(name=definition.name, type=definition.type, alias=alias, is_shared=is_shared, aliases=aliases)


def _link_alias(
    request: ResolveRequest, job: PlacedJob, *, definition: LinkDefinition, number: int, found: Findings
) -> LinkAlias:
    """An alias as written; BOSH acts on no placeholder but `uuid`, and answers with the whole group."""
    written = job.use.provides[definition.name]
    assert isinstance(written, Provide)
    alias = written.aliases[number]
    if alias.placeholder_type not in (None, "uuid"):
        found.remark(
            "key-ignored",
            f"Placeholder type '{alias.placeholder_type}' of DNS alias '{alias.domain}' has no effect: `uuid` is the "
            "only one that BOSH acts on, and the alias means all instances.",
            where=request.manifest.where(*job.path, "provides", definition.name, "aliases", number),
        )
    return LinkAlias(
        domain=alias.domain,
        health_filter=alias.health_filter,
        initial_health_check=alias.initial_health_check,
        placeholder_type=alias.placeholder_type,
    )


def _handed(
    request: ResolveRequest,
    job: PlacedJob,
    definition: LinkDefinition,
    *,
    bound: Mapping[str, Property],
    found: Findings,
) -> dict[str, Property]:
    """What the manifest gives at a property's path, undeclared keys included; else the default of the spec."""
    declared = [each.name for each in job.source.properties]
    handed: dict[str, Property] = {}
    for name in definition.properties:
        if properties.has_value(job.values, name):
            given = variables.whole_secrets(request, properties.value_at(job.values, name))
            properties.put_value(handed, name, given)
            continue
        if name in declared:
            properties.put_value(handed, name, properties.value_at(bound, name))
            continue
        near = nearest(name, declared)
        found.report(
            "link-property-undeclared",
            f"Link '{definition.name}' of job '{job.use.name}' exposes property '{name}', which the job does not have.",
            why=f"The spec of job '{job.use.name}' does not declare this property.",
            fix=f"Did you mean '{near}'?" if near else "Declare the property, or remove it from the link.",
            where=job.source.where,
        )
    return handed


def _remark_unused(request: ResolveRequest, job: PlacedJob, key: str, *, known: Sequence[str], found: Findings) -> None:
    """BOSH only logs a warning for links of the manifest that the job does not have."""
    named = job.use.consumes if key == "consumes" else job.use.provides
    for name in (name for name in named if name not in known):
        near = nearest(name, known)
        hint = f" Did you mean '{near}'?" if near else ""
        found.remark(
            "link-name-unused",
            f"Job '{job.use.name}' of instance group '{job.group}' has no link '{name}' in its `{key}`.{hint}",
            where=request.manifest.where(*job.path, key, name),
        )


def _renaming(provider: Provider) -> str:
    if provider.job:
        return "give one another name with `provides: {...: {as: ...}}`"
    return "give one of the disks another name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """Resolves the links one job consumes."""

    request: ResolveRequest
    job: PlacedJob
    providers: tuple[Provider, ...]
    dns: DnsFeatures
    found: Findings

    def links(self) -> tuple[Link, ...]:
        """Those that have a provider, in the spec's order.

        Reports: link-missing, link-ambiguous, unknown-link, link-type-differs, manual-link-broken,
        link-network-missing, link-deployment-missing. Remarks: link-name-unused.
        """
        known = [definition.name for definition in self.job.source.consumes]
        _remark_unused(self.request, self.job, "consumes", known=known, found=self.found)
        links = [self._link(definition) for definition in self.job.source.consumes]
        return tuple(link for link in links if link)

    def _link(self, definition: LinkDefinition) -> Link | None:
        written = self.job.use.consumes.get(definition.name)
        if written is None:
            return self._implicit(definition)
        if written == "nil":
            if not definition.is_optional:
                self._report_blocked(definition)
            return None
        if written.instances is not None or written.properties is not None or written.address is not None:
            return self._manual(definition, written)
        return self._explicit(definition, written)

    def _implicit(self, definition: LinkDefinition) -> Link | None:
        fitting = [provider for provider in self.providers if provider.link.type == definition.type]
        if len(fitting) == 1:
            return self._from(definition, fitting[0], None)
        if fitting:
            self._report(
                "link-ambiguous",
                definition,
                f"has {len(fitting)} providers to choose from",
                why=f"Of type '{definition.type}' there are: {', '.join(map(str, fitting))}.",
                fix=f"Name one: consumes: {{{definition.name}: {{from: {fitting[0].link.alias}}}}}; where two have the "
                f"same name, {_renaming(fitting[0])}.",
            )
        elif not definition.is_optional:
            self._report(
                "link-missing",
                definition,
                "has no provider",
                why=f"No job of the deployment provides a link of type '{definition.type}'{self._all_types()}.",
                fix="Add a job that provides one, or define the link manually with `consumes`.",
            )
        return None

    def _explicit(self, definition: LinkDefinition, written: Consume) -> Link | None:
        if written.deployment not in (None, self.request.manifest.document.name):
            return self._of_other_deployment(definition, written)
        wanted = (written.from_ or definition.name).rpartition(".")[2]
        named = [provider for provider in self.providers if provider.link.alias == wanted]
        fitting = [provider for provider in named if provider.link.type == definition.type]
        if len(fitting) == 1:
            return self._from(definition, fitting[0], written)
        if fitting:
            self._report(
                "link-ambiguous",
                definition,
                f"has {len(fitting)} providers called '{wanted}'",
                why=f"They are: {', '.join(map(str, fitting))}.",
                fix=f"To choose one, {_renaming(fitting[0])}.",
            )
        elif named:
            self._report(
                "link-type-differs",
                definition,
                f"is of type '{definition.type}', but {named[0]} is not",
                why=f"That one is of type '{named[0].link.type}'.",
                fix=self._suggestion(definition),
            )
        else:
            self._report_unknown_provider(definition, wanted)
        return None

    def _of_other_deployment(self, definition: LinkDefinition, written: Consume) -> Link | None:
        found = shared_links.resolve_shared(definition, written, self.request.others)
        if isinstance(found, Link):
            return found
        self._report(found.code, definition, found.what, why=found.why, fix=found.fix)
        return None

    def _manual(self, definition: LinkDefinition, written: Consume) -> Link | None:
        if self._is_broken(definition, written):
            return None
        return Link(
            name=definition.name,
            type=definition.type,
            source=LinkSource(
                instances=tuple(
                    LinkedInstance(
                        address=each.address,
                        name=each.name,
                        id=each.id,
                        index=each.index,
                        az=each.az,
                        is_bootstrap=each.bootstrap,
                    )
                    for each in written.instances or ()
                ),
                manual_address=written.address or "",
            ),
            properties={
                key: variables.whole_secrets(self.request, value) for key, value in (written.properties or {}).items()
            },
        )

    def _is_broken(self, definition: LinkDefinition, written: Consume) -> bool:
        keys = [key for key in ("instances", "properties", "address") if getattr(written, key) is not None]
        what, fix = "", ""
        if written.from_ is not None:
            what = f"has `from` and {' and '.join(f'`{key}`' for key in keys)}"
            fix = "Keep `from`, or what is written by hand."
        elif "properties" in keys and "instances" not in keys:
            what, fix = "has `properties` without `instances`", "Add `instances`, or remove `properties`."
        if what:
            why = "A link has a provider, or is written by hand: by `instances`, their `properties`, an `address`."
            self._report("manual-link-broken", definition, what, why=why, fix=fix)
        return bool(what)

    def _from(self, definition: LinkDefinition, provider: Provider, written: Consume | None) -> Link:
        network = (written.network if written else None) or ""
        if not provider.job:
            self._remark_disk_elsewhere(definition, provider)
        if network and network not in provider.networks:
            self._report(
                "link-network-missing",
                definition,
                f"requests addresses on network '{network}', which its provider does not have",
                why=f"{provider} is on {', '.join(map(repr, provider.networks)) or 'no network'}.",
                fix="Name one of those, or put the provider's instance group on that network."
                if provider.job
                else "Remove `network`.",
            )
        return Link(
            name=definition.name,
            type=definition.type,
            source=LinkSource(
                group=provider.group,
                job=provider.job,
                network=network,
                alias=provider.link.alias,
                dns=shared_links.dns_of(self.dns, written),
                is_disk=not provider.job,
            ),
            properties=provider.properties,
        )

    def _remark_disk_elsewhere(self, definition: LinkDefinition, provider: Provider) -> None:
        """BOSH resolves such a link, too; its path leads nowhere on the consumer's VMs."""
        if provider.group != self.job.group:
            self.found.remark(
                "disk-link-elsewhere",
                f"Link '{definition.name}' of job '{self.job.use.name}' in instance group '{self.job.group}' names "
                f"persistent disk '{provider.link.alias}' of instance group '{provider.group}', which its VMs lack.",
                where=self.request.manifest.where(*self.job.path, "consumes", definition.name),
            )

    def _report(self, code: str, definition: LinkDefinition, what: str, *, why: str, fix: str) -> None:
        self.found.report(
            code,
            f"Link '{definition.name}' of job '{self.job.use.name}' in instance group '{self.job.group}' {what}.",
            why=why,
            fix=fix,
            where=self.request.manifest.where(*self.job.path, "consumes", definition.name),
        )

    def _report_blocked(self, definition: LinkDefinition) -> None:
        self._report(
            "link-missing",
            definition,
            "is required, but the manifest blocks it",
            why=f"The job's spec does not mark it optional, and `{definition.name}: nil` gives it nothing.",
            fix="Remove that line, or name a provider with `from`.",
        )

    def _report_unknown_provider(self, definition: LinkDefinition, wanted: str) -> None:
        aliases = sorted({provider.link.alias for provider in self.providers})
        near = nearest(wanted, aliases)
        self._report(
            "unknown-link",
            definition,
            f"requests provider '{wanted}', which does not exist",
            why=f"Provided are: {', '.join(map(repr, aliases))}." if aliases else "No links are provided.",
            fix=f"Did you mean '{near}'?" if near else self._suggestion(definition),
        )

    def _suggestion(self, definition: LinkDefinition) -> str:
        fitting = [str(provider) for provider in self.providers if provider.link.type == definition.type]
        return f"Name one of type '{definition.type}': {', '.join(fitting) or 'none'}."

    def _all_types(self) -> str:
        types = sorted({provider.link.type for provider in self.providers})
        return f"; provided are the types {', '.join(map(repr, types))}" if types else ""
