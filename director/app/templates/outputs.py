"""A template's outputs after its deployment: what only the deployment knew is read from what is recorded of it.

Takes a translated template and the environment, gives lines to report.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from director.app.sessions.session import Session
from director.app.templates import expanding
from director.app.templates.translated import TranslatedTemplate
from director.model.environments.environment import Environment
from director.model.environments.state import InstanceRecord
from director.model.ids import DeploymentName
from director.model.report import TemplateOutputLine
from director.model.template_resources import TemplateResource
from director.resolve.templates import network_properties, property_table, storage_properties
from director.text.arm.template.outputs import TemplateOutput
from director.text.arm.values import DeployedObject, Value, deployed_part, shown

_GUIDS = 64
"""More than a template calls newGuid()."""


def deployed_outputs(translated: TranslatedTemplate, environment: Environment) -> tuple[TemplateOutputLine, ...]:
    """Evaluate the outputs again, with what is known now; what still is not known is named."""
    session, request = translated.session, translated.request
    surroundings = replace(
        request.surroundings,
        now=datetime.fromtimestamp(session.world.clock.now(), UTC),
        new_guids=tuple(str(uuid.uuid4()) for _ in range(_GUIDS)),
        references=_references(translated, environment),
    )
    found = expanding.expand_with_problems(replace(request, surroundings=surroundings))
    return tuple(map(_line, found.root.outputs))


def _line(output: TemplateOutput) -> TemplateOutputLine:
    value: Value = None if output.is_secure else shown(output.value)
    return TemplateOutputLine(
        name=output.name,
        type=output.type,
        value=value,  # type: ignore[arg-type]  # shown values are JSON
        is_secure=output.is_secure,
        is_known=deployed_part(output.value) is None,
    )


def _references(translated: TranslatedTemplate, environment: Environment) -> Mapping[str, Value]:
    """What deployed resources are like, by their ids: the template's words, and what the deployment added."""
    added = dict(_added(translated.session, translated, environment))
    return {one.key: _reference(one, added.get(one.key, {})) for one in translated.resources}


def _reference(resource: TemplateResource, added: Mapping[str, Value]) -> Value:
    body = expanding.arm_value(resource.body)
    whole: dict[str, Value] = dict(body) if isinstance(body, dict) else {}
    written = whole.get("properties")
    properties: dict[str, Value] = {**(written if isinstance(written, dict) else {}), "provisioningState": "Succeeded"}
    inside = DeployedObject({**properties, **added}, origin=f"reference('{resource.name}')")
    own: dict[str, Value] = {"id": resource.id, "name": resource.name, "type": resource.type, "properties": inside}
    return DeployedObject({**whole, **own}, origin=f"reference('{resource.name}', 'Full')")


def _added(
    session: Session, translated: TranslatedTemplate, environment: Environment
) -> Iterator[tuple[str, Mapping[str, Value]]]:
    for resource in translated.resources:
        if property_table.type_of(resource.type) == network_properties.ADDRESS:
            yield resource.key, _of_address(resource, environment)
        elif property_table.type_of(resource.type) == storage_properties.ACCOUNT:
            yield resource.key, _of_account(resource, environment)
        elif property_table.type_of(resource.type) == property_table.ENVIRONMENT:
            yield resource.key, _of_environment(resource, environment)
    state = session.world.store.load_deployment(environment.name, DeploymentName(translated.name))
    records = {str(record.group): record for record in state.instances} if state else {}
    for group in translated.translation.groups:
        record = records.get(group.resource.name)
        if record is None or record.vm is None:
            continue
        yield group.resource.key, {"vmId": str(record.vm.cid)}
        for one in group.interfaces:
            yield one.nic.key, {"ipConfigurations": _configurations(one.nic, _address(record, one.subnet.network))}


def _of_environment(resource: TemplateResource, environment: Environment) -> Mapping[str, Value]:
    """Its public addresses and their host names, by the public names."""
    origin, variables = f"reference('{resource.name}')", environment.variables
    ends = {"publicAddresses": "_public_ip", "publicHosts": "_public_host"}
    found: dict[str, dict[str, Value]] = {
        key: {name.removesuffix(end): str(value) for name, value in variables.items() if name.endswith(end)}
        for key, end in ends.items()
    }
    return {key: DeployedObject(members, origin=f"{origin}.{key}") for key, members in found.items()}


def _of_address(resource: TemplateResource, environment: Environment) -> Mapping[str, Value]:
    address = environment.variables.get(f"{resource.name}_public_ip", "")
    host = environment.variables.get(f"{resource.name}_public_host", "")
    names: Value = DeployedObject({"fqdn": host}, origin=f"reference('{resource.name}').dnsSettings")
    return {**({"ipAddress": address} if address else {}), **({"dnsSettings": names} if host else {})}


def _of_account(resource: TemplateResource, environment: Environment) -> Mapping[str, Value]:
    url = environment.variables.get(f"{resource.name}_storage_url", "")
    ends: Value = DeployedObject({"blob": url}, origin=f"reference('{resource.name}').primaryEndpoints")
    return {"primaryEndpoints": ends} if url else {}


def _address(record: InstanceRecord, network: str) -> str:
    networks = record.vm.networks if record.vm else ()
    return next((one.ip for one in networks if one.name == network and one.ip), "")


def _configurations(nic: TemplateResource, address: str) -> Value:
    body = expanding.arm_value(nic.body)
    properties = body.get("properties") if isinstance(body, dict) else None
    written = properties.get("ipConfigurations") if isinstance(properties, dict) else None
    return [_configuration(one, address) for one in written] if isinstance(written, list) else []


def _configuration(written: Value, address: str) -> Value:
    if not isinstance(written, dict) or not address:
        return written
    properties = written.get("properties")
    inside: dict[str, Value] = {**(properties if isinstance(properties, dict) else {}), "privateIPAddress": address}
    return {**written, "properties": inside}
