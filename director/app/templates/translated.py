"""A template translated in its environment: a session that has what the template adds, and the manifests to deploy.

Takes a Session, the environment and a template's request, gives values; writes nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.app.sessions import environment_files, reading, template_records
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.sessions.template_records import TemplateRecord
from director.app.templates import expanding, joined_parts, known_images, template_environments
from director.app.templates.template_request import TemplateRequest
from director.errors import InputError
from director.model.cloud_names import ONLY_CLOUD
from director.model.configs import StoredConfig
from director.model.documents import Source
from director.model.environments.environment import JUMPBOX, Environment
from director.model.ids import DeploymentName
from director.model.secret_ref import Property
from director.model.template_resources import RecordedResource, SecureValue, TemplateResource
from director.model.written.cloud_config import CloudConfig
from director.resolve.templates import front as translating
from director.resolve.templates import property_table, resource_places
from director.resolve.templates.request import Translation, TranslationRequest
from director.text.arm.template.expansion import Expansion
from director.text.yaml import reader, writer

_UNFIT = re.compile(r"[^A-Za-z0-9_.+-]")
_LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedTemplate:
    """`session` has the template's public addresses and its part of the cloud config. `before` is what is recorded of
    it, None before its first deployment; `record` is what will be.
    """

    session: Session
    request: TemplateRequest
    name: str
    expansion: Expansion
    resources: tuple[TemplateResource, ...]
    translation: Translation
    record: TemplateRecord
    before: TemplateRecord | None


def translate_template(session: Session, environment: Environment, request: TemplateRequest) -> TranslatedTemplate:
    """Raises InputError and Problems: all that is wrong with the template, and all that compleat does not make."""
    name = _name(session, request)
    expansion = expanding.expand_template(request)
    resources = expanding.resources_of(expansion)
    for one in resources:
        if property_table.type_of(one.type) == property_table.ENVIRONMENT:
            template_environments.require_named(one, session.settings.environment)
    records = template_records.records_in(session.world.configs.list_configs(session.settings.environment))
    before = next((one for one in records if one.name == name), None)
    others = [one for one in records if one.name != name]
    _check_name(session, name, before)
    translation = translating.translate(_request(session, environment, name=name, resources=resources, others=others))
    planned = _with_template(session, translation)
    translation = joined_parts.with_parts(planned, translation, environment.clouds[0].name)
    record = TemplateRecord(
        name=name,
        resources=tuple(_recorded(one) for one in resources),
        public_names=translation.public_names,
        cloud_config=writer.write_yaml(translation.cloud_config),
    )
    return TranslatedTemplate(
        session=replace(
            planned,
            planned_configs=(_unsaved(session, record),),
            template_places=resource_places.resource_places(resources),
        ),
        request=request,
        name=name,
        expansion=expansion,
        resources=resources,
        translation=translation,
        record=record,
        before=before,
    )


def own_manifest(translated: TranslatedTemplate) -> ManifestFiles:
    """The manifest of the template's VMs."""
    session = translated.session
    text = writer.write_yaml(translated.translation.manifest or {})
    source = Source(name=f"the VMs of {translated.request.template.name}", content=text.encode())
    return ManifestFiles(manifest=source, base=session.files.bundled("manifests/template"))


def with_secrets(files: ManifestFiles, secrets: Mapping[str, SecureValue]) -> ManifestFiles:
    """The manifest with a variable for each secret that it does not define itself; values stay out of it."""
    if not secrets:
        return files
    tree = reader.read_document(files.manifest).tree
    listed = tree.get("variables") if isinstance(tree, Mapping) else ()
    known = {each.get("name") for each in listed if isinstance(each, Mapping)} if isinstance(listed, list) else set()
    changes: list[Property] = [
        {"type": "replace", "path": "/variables?/-", "value": {"name": name, "type": "value"}}
        for name in secrets
        if name not in known
    ]
    ops = Source(name="the secure variables of the template", content=writer.write_yaml(changes).encode())
    return replace(files, ops=(*files.ops, *((ops,) if changes else ())), secrets=frozenset(secrets))


def store_secrets(session: Session, deployment: str, secrets: Mapping[str, SecureValue]) -> None:
    """Put the values of secure parameters where the deployment's secrets are; what is there already is left alone."""
    vault = session.world.vault
    for name, secret in secrets.items():
        whole = f"/{session.settings.environment}/{deployment}/{name}"
        value: JsonValue = secret.value
        if not vault.secret_versions([whole]) or vault.get_secret(whole) != value:
            vault.put_secret(whole, value)


def stored_config(translated: TranslatedTemplate, record: TemplateRecord, *, who: str) -> StoredConfig:
    """The config that records it."""
    session = translated.session
    return template_records.config_of(record, session.settings.environment, who=who, at=session.world.clock.now())


def _name(session: Session, request: TemplateRequest) -> str:
    name = _UNFIT.sub("-", request.surroundings.deployment_name)[:_LONGEST].lstrip(".")
    if name and name != JUMPBOX:
        return name
    raise InputError(
        "template-name-taken",
        f"A template's deployment cannot be called '{name}'.",
        why="The deployment of its VMs has the name of its file.",
        fix="Rename the file.",
        where=request.template.name,
    )


def _check_name(session: Session, name: str, before: TemplateRecord | None) -> None:
    """A deployment of that name was made from a manifest."""
    state = session.world.store.load_deployment(session.settings.environment, DeploymentName(name))
    if before is None and state is not None:
        raise InputError(
            "template-name-taken",
            f"Environment '{session.settings.environment}' has a deployment '{name}' that is not a template's.",
            why="The deployment of a template's VMs has the name of the template's file.",
            fix=f"Rename the file, or delete the deployment with `compleat delete-deployment -d {name}`.",
        )


def _request(
    session: Session,
    environment: Environment,
    *,
    name: str,
    resources: Sequence[TemplateResource],
    others: Sequence[TemplateRecord],
) -> TranslationRequest:
    plain = ManifestFiles(manifest=Source(name=name, content=b""))
    config = reading.read_cloud_config(session, environment, plain)
    first = environment.clouds[0].name
    spec = environment_files.landing_spec(session.file, first)
    state = session.world.store.load_deployment(environment.name, DeploymentName(name))
    return TranslationRequest(
        name=name,
        resources=resources,
        azs=tuple(az.name for az in config.azs if (az.cpi or ONLY_CLOUD) in (first, ONLY_CLOUD)),
        dns=_dns_of(config),
        landing_ranges=spec.networks,
        public_names=(*spec.public_names, *(each for one in others for each in one.public_names)),
        others=tuple(each for one in others for each in one.resources),
        az_properties={az.name: _texts(az.cloud_properties) for az in config.azs},
        has_arm_sizes=session.world.clouds[first].cloud.info().has_arm_sizes,
        known_images=known_images.read_known(
            session, environment, {name: resources, **{one.name: one.resources for one in others}}
        ),
        is_deployed=state is not None,
    )


def _texts(properties: Mapping[str, Property]) -> Mapping[str, JsonValue]:
    """Those that are plain texts: names of zones are."""
    return {name: value for name, value in properties.items() if isinstance(value, str)}


def _dns_of(config: CloudConfig) -> tuple[str, ...]:
    """The servers of the environment's own first network: those of a new one are the same."""
    subnets = (
        one
        for network in config.networks
        if network.type == "manual" and not network.managed
        for one in network.subnets
    )
    return next((subnet.dns for subnet in subnets), ())


def _with_template(session: Session, translation: Translation) -> Session:
    file = session.file
    names = [name for name in translation.public_names if name not in file.public_names]
    update: dict[str, object] = {"public_names": (*file.public_names, *names)}
    if file.clouds and file.clouds[0].public_names is not None:
        own = file.clouds[0].model_copy(update={"public_names": (*file.clouds[0].public_names, *names)})
        update["clouds"] = (own, *file.clouds[1:])
    return replace(session, file=file.model_copy(update=update), template_parts=translation.parts)


def _unsaved(session: Session, record: TemplateRecord) -> StoredConfig:
    return template_records.config_of(record, session.settings.environment, who="", at=0.0)


def _recorded(resource: TemplateResource) -> RecordedResource:
    body = expanding.shown_body(resource)
    return RecordedResource(
        id=resource.id,
        type=resource.type,
        name=resource.name,
        body=body if isinstance(body, dict) else {},  # type: ignore[arg-type]  # shown values are JSON
    )
