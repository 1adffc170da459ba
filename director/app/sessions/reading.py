"""A manifest and all it names, read: documents, releases, Desired.

Takes a Session and the user's input, gives Desired; reports every problem before anything is created.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import PurePath
from typing import cast

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director import errors
from director.app.sessions import missing_releases, network_creation, release_sources, stock_images, vm_sizes
from director.app.sessions.environment_configs import EnvironmentConfigs
from director.app.sessions.session import Session
from director.errors import InputError, raise_all
from director.model.configs import ConfigType
from director.model.documents import Source, WrittenDocument
from director.model.environments.desired import Desired, PackageNeed
from director.model.environments.environment import Environment
from director.model.environments.state import DeploymentState
from director.model.ids import EnvironmentName
from director.model.releases.release import ReleaseReference
from director.model.releases.uploaded_release import UploadedRelease
from director.model.secret_ref import Property
from director.model.written.cloud_config import CloudConfig
from director.model.written.manifest import Manifest
from director.releases import guest_bpm
from director.resolve import findings
from director.resolve import front as resolving
from director.resolve.releases import uploaded
from director.resolve.request import ResolveRequest, UsedRelease
from director.text import front as texts
from director.text.variables import placeholders
from director.text.variables import variables as variable_texts
from director.text.variables.bind import KnownNames
from director.text.variables.variables import VariableSources
from director.text.yaml import writer


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFiles:
    """A manifest as the person gave it. `base` is the folder its relative paths are meant from.

    `is_saved` says that it was deployed before: it has what the runtime configs of that time added.
    """

    manifest: Source
    base: str = ""
    ops: tuple[Source, ...] = ()
    variables: VariableSources = field(default_factory=VariableSources)
    values: Mapping[str, Property] = field(default_factory=dict)
    is_saved: bool = False
    secrets: frozenset[str] = frozenset()
    """Names of variables whose values will be in the vault before anything is deployed."""
    placed: tuple[ReleaseReference, ...] = ()
    """Where a bundle's index says that releases are."""


def read_desired(session: Session, environment: Environment, files: ManifestFiles) -> Desired:
    """Read, look everything up, check. Raises InputError and Problems; writes nothing."""
    try:
        return _read_desired(session, environment, files)
    except InputError as error:
        _place_in_template(session, error)
        raise


def _place_in_template(session: Session, error: InputError) -> None:
    """Replace places in documents that a template became by those in the template, which a person reads."""
    for problem in errors.each_problem(error):
        if problem.where and not session.files.is_there(problem.where.rsplit(":", 2)[0]):
            problem.where = session.template_places.place_in(problem.what) or problem.where


def _read_desired(session: Session, environment: Environment, files: ManifestFiles) -> Desired:
    known = KnownNames(values=_values(session, environment, files), secrets=_absolute_names(session))
    manifest = texts.Reading(source=files.manifest, ops=files.ops, known=known)
    configs = session.configs()
    found = () if files.is_saved else configs.list_documents(ConfigType.RUNTIME)
    runtime = [texts.Reading(source=one.source, known=known) for one in found]
    config = cloud_config_reading(configs, session.settings.environment, known)
    looked = texts.look_at_documents(manifest, config, runtime_configs=runtime, uploaded=_uploaded_versions(session))
    documents, problems = looked.documents, list(looked.problems)
    if documents is None:
        raise_all(findings.in_reading_order(problems))
    assert documents, "what could not be read has a problem"
    coming = frozenset(f"/{environment.name}/{documents.manifest.document.name}/{name}" for name in files.secrets)
    used, missing = _releases(session, environment, manifest=documents.manifest, files=files)
    plain = _resolve_request(session, environment, documents, used=used, known=known)
    request = network_creation.with_ranges(session, replace(plain, known_secrets=plain.known_secrets | coming))
    problems.extend(missing)
    problems.extend(_further_problems(request, is_whole=not missing) if problems else ())
    raise_all(findings.in_reading_order(dict.fromkeys(problems)))
    desired = resolving.resolve_desired(replace(request, manifest_text=_with_whole_urls(documents, used)))
    given = (*variable_texts.read_remarks(files.variables), *release_sources.remarks_of(used))
    remarks = (*documents.remarks, *given, *desired.remarks)
    return replace(network_creation.with_needs(session, desired), remarks=remarks)


def _uploaded_versions(session: Session) -> Mapping[str, Sequence[str]]:
    versions: dict[str, list[str]] = {}
    for record in session.world.release_records.list_releases():
        versions.setdefault(record.name, []).append(record.version)
    return versions


def _resolve_request(
    session: Session,
    environment: Environment,
    documents: texts.DeploymentDocuments,
    *,
    used: Mapping[str, UsedRelease],
    known: KnownNames,
) -> ResolveRequest:
    others = _others(session, environment, documents.manifest.document.name)
    return ResolveRequest(
        environment=environment.name,
        manifest=documents.manifest,
        cloud_config=documents.cloud_config,
        releases=used,
        stemcells=environment.offers(),
        stock=stock_images.ask_clouds(session, documents.manifest.document),
        sizes=vm_sizes.ask_clouds(session, documents.manifest.document, documents.cloud_config.document),
        clouds=tuple(choice.name for choice in environment.clouds),
        known_secrets=frozenset({*session.world.vault.list_secrets(f"/{environment.name}/"), *known.secrets}),
        given_cas=_certificates(known.values),
        taken=_taken(others),
        others={str(state.deployment): state for state in others},
        dns_domain=session.file.dns_domain,
        open_properties=documents.open_properties,
    )


def _absolute_names(session: Session) -> frozenset[str]:
    """The secrets that any deployment may name: variables of this environment's deployments, and of no environment.

    Not those of the environment itself, its login for example, nor those of another environment in this home.
    """
    others = {f"/{name}/" for name in session.world.store.list_environments()}
    own = f"/{session.settings.environment}/"
    return frozenset(
        name
        for name in session.world.vault.list_secrets("/")
        if ("/" in name.removeprefix(own) if name.startswith(own) else not name.startswith(tuple(others)))
    )


def _further_problems(request: ResolveRequest, *, is_whole: bool) -> Iterable[ExplainedError]:
    """What else is wrong, so that one run reports all; without all releases, what can be known without them."""
    if not is_whole:
        return resolving.problems_without_releases(request)
    try:
        resolving.resolve_desired(request)
    except InputError as error:
        return errors.each_problem(error)
    return ()


def read_cloud_config(session: Session, environment: Environment, files: ManifestFiles) -> CloudConfig:
    """The cloud config alone, as it would be read beside the manifest. Raises InputError and Problems."""
    known = KnownNames(values=_values(session, environment, files))
    return texts.read_cloud_config(
        cloud_config_reading(session.configs(), session.settings.environment, known)
    ).document


def cloud_config_reading(configs: EnvironmentConfigs, environment: EnvironmentName, known: KnownNames) -> texts.Reading:
    """All cloud configs, as one document to read. Raises InputError, code `cloud-config-missing`."""
    found = configs.list_documents(ConfigType.CLOUD)
    if not found:
        raise InputError(
            "cloud-config-missing",
            f"Environment '{environment}' has no cloud config.",
            why="Its file has no key 'cloud_config', and none is stored.",
            fix="Store one with `compleat update-cloud-config FILE`, or name a file: "
            "`cloud_config: ../cloud-config.yml`.",
            where=configs.written.where(),
        )
    first, *others = (one.source for one in found)
    return texts.Reading(source=first, beside=tuple(others), known=known)


def read_configs(session: Session, environment: Environment, files: ManifestFiles) -> Mapping[str, Property]:
    """The documents that are read beside a manifest, by their names, as data."""
    documents = {"cloud config": read_cloud_config(session, environment, files), "environment file": session.file}
    if session.cpi_config is not None:
        documents["cpi config"] = session.cpi_config.document
    configs: dict[str, Property] = {name: document.model_dump() for name, document in documents.items()}
    for one in session.configs().list_documents(ConfigType.RUNTIME):
        configs[f"runtime config '{one.name}'"] = one.source.content.decode(errors="replace")
    return configs


def store_given_cas(session: Session, environment: Environment, files: ManifestFiles, *, desired: Desired) -> None:
    """Keep the CAs that were given where the certificates that they sign are generated; twice is once."""
    vault = session.world.vault
    values = _values(session, environment, files) if desired.given_cas else {}
    for whole, name in desired.given_cas.items():
        value = cast(JsonValue, values[name])
        if not vault.secret_versions([whole]) or vault.get_secret(whole) != value:
            vault.put_secret(whole, value)


def values_read_again(session: Session, files: ManifestFiles, desired: Desired) -> Mapping[str, Property]:
    """Those of the given variables that the saved manifest does not have: what the cloud config names, and CAs."""
    sources = [one.source for one in session.configs().list_documents(ConfigType.CLOUD)]
    text = "\n".join(source.content.decode(errors="replace") for source in sources)
    names = {placeholder.name for placeholder in placeholders.find_placeholders(text)} | {*desired.given_cas.values()}
    given = {**files.values, **variable_texts.read_values(files.variables)}
    return {name: value for name, value in given.items() if name in names}


def without_places(desired: Desired) -> Desired:
    """The same as it would be read from the manifest that is saved, for a plan that outlives its files."""
    return replace(
        desired,
        packages=tuple(map(_package_without_place, desired.packages)),
        variables=tuple(replace(variable, where="") for variable in desired.variables),
    )


def _package_without_place(package: PackageNeed) -> PackageNeed:
    reference = package.source.reference
    whole = replace(reference, url=_whole_url(reference), base="", where="")
    return replace(package, source=replace(package.source, reference=whole))


def _values(session: Session, environment: Environment, files: ManifestFiles) -> Mapping[str, Property]:
    given = variable_texts.read_values(files.variables)
    return {**environment.variables, **session.file.variables, **files.values, **given}


def _certificates(values: Mapping[str, Property]) -> frozenset[str]:
    wanted = {"certificate", "private_key"}
    return frozenset(name for name, value in values.items() if isinstance(value, Mapping) and wanted <= set(value))


def _releases(
    session: Session, environment: Environment, *, manifest: WrittenDocument[Manifest], files: ManifestFiles
) -> tuple[Mapping[str, UsedRelease], list[ExplainedError]]:
    """Every release of the manifest; reports the problems of all of them together."""
    used: dict[str, UsedRelease] = {}
    problems: list[ExplainedError] = []
    records = session.world.release_records.list_releases()
    stemcells = resolving.stemcells_meant(manifest.document.stemcells, environment.offers())
    for written in resolving.release_references(manifest, files.base):
        if written.name == guest_bpm.NAME and session.file.bpm == "guest":
            used[written.name] = UsedRelease(release=guest_bpm.guest_release(written), reference=written)
            continue
        reference = uploaded.choose_uploaded(written, records, stemcells) or written
        try:
            placed = reference if reference.blob else release_sources.place_release(reference, files.placed)
            used[reference.name] = load_release(session, placed, records)
        except InputError as error:
            problems.extend(errors.each_problem(error))
    return used, problems


def load_release(session: Session, reference: ReleaseReference, records: Sequence[UploadedRelease]) -> UsedRelease:
    """The release; the environment's sources have it, or a url says where it is."""
    found = None if reference.blob else release_sources.find_release(session, reference)
    if found is not None:
        return found
    if not (reference.blob or reference.url):
        raise missing_releases.release_missing(reference, records)
    return UsedRelease(release=session.world.releases.load_release(reference), reference=reference)


def _with_whole_urls(documents: texts.DeploymentDocuments, used: Mapping[str, UsedRelease]) -> str:
    """The manifest to save: relative release paths made whole, so that it may be read again from anywhere.

    An uploaded release is saved with the version that was chosen: `latest` may mean another one later.
    """
    tree = documents.manifest_tree
    if not isinstance(tree, Mapping):
        return documents.manifest_text
    listed = tree.get("releases")
    whole = {
        **tree,
        **({"release": _whole(tree["release"], used)} if "release" in tree else {}),
        **({"releases": [_whole(each, used) for each in listed]} if isinstance(listed, list | tuple) else {}),
    }
    return writer.write_yaml(whole)


def _whole(release: Property, used: Mapping[str, UsedRelease]) -> Property:
    if not isinstance(release, Mapping):
        return release
    one = used[str(release["name"])]
    reference = one.reference
    if reference.blob:
        return {**release, "version": reference.version}
    chosen = {"url": _whole_url(reference), "sha1": reference.digest}
    return {**release, **{key: value for key, value in chosen.items() if value and value != release.get(key)}}


def _whole_url(reference: ReleaseReference) -> str:
    """The release's URL, a relative path made whole."""
    path = reference.url.removeprefix("file://")
    if not path or "://" in path:
        return reference.url
    return f"file://{PurePath(reference.base, path)}"


def _others(session: Session, environment: Environment, own: str) -> tuple[DeploymentState, ...]:
    return tuple(each for each in session.world.store.list_deployments(environment.name) if each.deployment != own)


def _taken(others: Iterable[DeploymentState]) -> Mapping[str, str]:
    """Addresses other deployments hold, and which instance."""
    return {
        ip: f"{state.deployment}/{record.name}"
        for state in others
        for record in state.instances
        for ip in (*record.addresses.values(), *(net.ip for net in (record.vm.networks if record.vm else ())))
        if ip
    }
