"""What a cloud says of the parts of a landing zone that a template adds, and what VMs that join them have.

Takes a translated template and its session, gives remarks, and the template with the VMs' cloud properties.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cpi.contract.cloud import Landing
from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue, LandingSpec
from director.app.sessions import landing_specs
from director.app.sessions.session import Session
from director.errors import InputError, raise_all
from director.model.documents import Remark
from director.resolve.templates import documents, pieces
from director.resolve.templates.pieces import TemplatePiece
from director.resolve.templates.request import Translation, VmGroup


def with_parts(session: Session, translation: Translation, cloud: str) -> Translation:
    """Raises InputError and Problems: what the cloud cannot express; landing-part-refused."""
    landing = session.world.clouds[cloud].landing
    is_plain = translation.parts.is_empty() and not any(one.joined.forwards for one in translation.groups)
    if is_plain or landing is None:
        return translation
    spec = landing_specs.landing_spec(session, cloud)
    problems, remarks = _findings(landing, spec, translation)
    raise_all(problems)
    joined = {group.resource.name: _properties(landing, spec, group) for group in translation.groups}
    found = documents.with_extensions(translation, joined)
    return replace(found, remarks=(*translation.remarks, *remarks))


def _findings(landing: Landing, spec: LandingSpec, translation: Translation) -> tuple[list[InputError], list[Remark]]:
    problems: list[InputError] = []
    remarks: list[Remark] = []
    for each in landing.part_findings(spec):
        finding, piece = each.finding, _piece(translation, each.path)
        where = piece.where if piece else ""
        if finding.is_fatal:
            why = f"{finding.why} It is at {piece.json_path}." if piece else finding.why
            problems.append(InputError(finding.code, finding.what, why=why, fix=finding.fix, where=where))
        else:
            remarks.append(Remark(code=finding.code, text=f"{finding.what} {finding.why}", where=where))
    return problems, remarks


def _piece(translation: Translation, path: Iterable[str]) -> TemplatePiece | None:
    """That of a part, or of the one around it; None where neither is written."""
    steps = tuple(path)
    while steps and steps not in translation.part_places:
        steps = steps[:-1]
    return translation.part_places[steps] if steps else None


def _properties(landing: Landing, spec: LandingSpec, group: VmGroup) -> Mapping[str, JsonValue]:
    try:
        return landing.joined_properties(spec, group.joined)
    except CloudError as error:
        raise InputError.of(error, where=pieces.body_of(group.resource).where) from error
