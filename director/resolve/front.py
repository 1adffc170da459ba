"""Written documents into what should be, everything looked up and checked.

Takes a ResolveRequest, gives a Desired, or every problem of all documents at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.documents import Remark, WrittenDocument
from director.model.environments.deployment_dns import DnsFeatures
from director.model.environments.desired import Az, Compilation, Desired, Group, Network, VariableSpec
from director.model.environments.shared_links import SharedLink
from director.model.ids import DeploymentName, EnvironmentName
from director.model.spans import Spans
from director.model.written.cloud_config import CloudConfig
from director.model.written.manifest import Manifest
from director.resolve import document_places
from director.resolve.checks import features, names, remarks, unused
from director.resolve.checks.checks import DocumentChecks
from director.resolve.findings import Findings
from director.resolve.instance_groups import (
    groups,
    jobs,
    links,
    machines,
    persistent_disks,
    shared_links,
    stemcells,
    update,
)
from director.resolve.instance_groups.stemcells import stemcells_meant as stemcells_meant
from director.resolve.instance_groups.variable_links import LinkNames
from director.resolve.networks import networks
from director.resolve.releases import packages, placed
from director.resolve.releases.releases import release_references as release_references
from director.resolve.request import ResolveRequest as ResolveRequest
from director.resolve.request import UsedRelease as UsedRelease
from director.resolve.variables import variables


def resolve_desired(request: ResolveRequest) -> Desired:
    """Resolve the deployment. Raises InputError, or Problems with all that is wrong in any of the documents."""
    found = Findings()
    parts = _parts_without_jobs(request, found)
    on_groups = placed.place_jobs(request, parts.stemcells.systems, found)
    compiled = packages.resolve_packages(request, on_groups, parts.stemcells.offers, found=found)
    reading = _job_reader(request, on_groups, compiled=compiled, dns=parts.dns, found=found)
    with_jobs = _with_jobs(parts.groups, reading, on_groups)
    compiling = min(parts.compilation.workers, len(compiled.needs))
    _check_together(request, parts, with_jobs, found=found, compiling=compiling)
    names_of_links = LinkNames(
        request=request,
        providers=[each for each in reading.providers if each.job],
        groups=with_jobs,
        dns=parts.dns,
        found=found,
    )
    specs = names_of_links.with_names(parts.variables)
    found.raise_if_any()
    remarks.remark_all(request, on_groups, parts.stemcells.systems, found=found)
    return Desired(
        environment=request.environment,
        deployment=DeploymentName(request.manifest.document.name),
        manifest=request.manifest_text,
        azs=parts.azs,
        networks=parts.networks,
        groups=with_jobs,
        compilation=parts.compilation,
        packages=tuple(compiled.needs.values()),
        stock=parts.stemcells.stock,
        variables=specs,
        given_cas=variables.given_cas(request),
        tags=request.manifest.document.tags,
        links=shared_links.deployment_links(_shared(reading.providers, with_jobs, parts.dns), with_jobs),
        dns=parts.dns,
        remarks=tuple(found.remarks),
        places=document_places.resolve_places(
            request.cloud_config, with_jobs, deployment=DeploymentName(request.manifest.document.name)
        ),
    )


def problems_without_releases(request: ResolveRequest) -> tuple[InputError, ...]:
    """What can be known to be wrong with a deployment whose releases are not all there.

    A job that is not there may provide any link, and read any property.
    """
    found, of_links = Findings(), Findings()
    parts = _parts_without_jobs(request, found)
    on_groups = placed.place_jobs(request, parts.stemcells.systems, found)
    compiled = packages.resolve_packages(request, on_groups, parts.stemcells.offers, found=found)
    reading = _job_reader(request, on_groups, compiled=compiled, dns=parts.dns, found=found)
    _with_jobs(parts.groups, replace(reading, found=of_links), on_groups)
    _check_together(request, parts, parts.groups, found=found, compiling=0)
    known = [problem for problem in of_links.problems if problem.code not in _OF_ABSENT_PROVIDERS]
    unread = [problem for problem in request.open_properties if problem not in found.problems]
    return (*found.problems, *known, *unread)


_OF_ABSENT_PROVIDERS = frozenset({"link-missing", "link-type-differs", "unknown-link"})
"""Codes about a link without a provider: a job of a missing release may be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """All that needs no release. The groups have no jobs yet."""

    azs: tuple[Az, ...]
    networks: tuple[Network, ...]
    stemcells: stemcells.ChosenStemcells
    compilation: Compilation
    variables: tuple[VariableSpec, ...]
    groups: tuple[Group, ...]
    dns: DnsFeatures


def _parts_without_jobs(request: ResolveRequest, found: Findings) -> _Parts:
    names.check_names(request, found)
    features.check_features(request, found)
    dns = features.resolve_dns(request, found)
    update.resolve_update(request, None, found)
    azs = networks.resolve_azs(request, found)
    nets = networks.resolve_networks(request, found)
    chosen = stemcells.resolve_stemcells(request, found)
    compilation = machines.resolve_compilation(request, found)
    specs = variables.resolve_variables(request, found)
    reader = groups.GroupReader(request=request, networks=nets, stemcells=chosen.offers, found=found)
    bare = tuple(reader.group(index) for index in range(len(request.manifest.document.instance_groups)))
    return _Parts(
        azs=azs, networks=nets, stemcells=chosen, compilation=compilation, variables=specs, groups=bare, dns=dns
    )


def check_cloud_config(
    config: WrittenDocument[CloudConfig], environment: EnvironmentName, clouds: tuple[str, ...]
) -> tuple[tuple[InputError, ...], tuple[Remark, ...]]:
    """What is wrong with a cloud config whatever is deployed with it, and the remarks on it."""
    found = Findings()
    request = ResolveRequest(
        environment=environment, manifest=_NO_MANIFEST, cloud_config=config, releases={}, stemcells=(), clouds=clouds
    )
    names.check_names(request, found)
    networks.resolve_azs(request, found)
    DocumentChecks(
        request=request,
        networks=networks.resolve_networks(request, found),
        groups=(),
        compilation=machines.resolve_compilation(request, found),
        found=found,
    ).check(compiling=0)
    unused.remark_unused(request, found)
    return tuple(found.problems), tuple(found.remarks)


_NO_MANIFEST = WrittenDocument(
    document=Manifest.model_validate(
        {
            "name": "none",
            "stemcells": [{"alias": "default", "os": "linux", "version": "latest"}],
            "update": {"canaries": 1, "max_in_flight": 1, "canary_watch_time": "1", "update_watch_time": "1"},
        }
    ),
    spans=Spans(file=""),
)


def _check_together(
    request: ResolveRequest, parts: _Parts, all_groups: tuple[Group, ...], *, found: Findings, compiling: int
) -> None:
    DocumentChecks(
        request=request, networks=parts.networks, groups=all_groups, compilation=parts.compilation, found=found
    ).check(compiling=compiling)


def _shared(providers: Sequence[links.Provider], groups: Sequence[Group], dns: DnsFeatures) -> Iterator[SharedLink]:
    networks = {str(group.name): group.networks for group in groups}
    for provider in providers:
        if provider.link.is_shared:
            yield SharedLink(
                alias=provider.link.alias,
                type=provider.link.type,
                group=provider.group,
                job=provider.job,
                networks=provider.networks,
                default_network=shared_links.default_network(networks[provider.group]),
                properties=provider.properties,
                dns=dns,
            )


def _job_reader(
    request: ResolveRequest,
    on_groups: placed.Placed,
    *,
    compiled: packages.PackagePlan,
    dns: DnsFeatures,
    found: Findings,
) -> jobs.JobReader:
    bound = jobs.bind_properties(request, on_groups, found)
    of_jobs = links.resolve_providers(request, on_groups, bound, found=found)
    providers = (*of_jobs, *persistent_disks.disk_providers(request))
    return jobs.JobReader(request=request, bound=bound, compiled=compiled, providers=providers, dns=dns, found=found)


def _with_jobs(bare: Sequence[Group], reader: jobs.JobReader, on_groups: placed.Placed) -> tuple[Group, ...]:
    with_jobs = []
    for group in bare:
        own = reader.jobs(on_groups[group.name])
        with_jobs.append(replace(group, jobs=own, packages=reader.compiled.run_time(own)))
    return tuple(with_jobs)
