"""Each property of each resource against the table: what is refused, and what has no effect.

Takes resources, reports problems and remarks.
"""

import re

from director.model.template_resources import LaterValue, SecureValue, TemplateResource
from director.resolve import findings
from director.resolve.findings import Findings
from director.resolve.templates import accounts, extensions, property_table
from director.resolve.templates.extensions import ExtensionKind
from director.resolve.templates.pieces import TemplatePiece, body_of, path_text
from director.resolve.templates.property_rows import PropertyEffect, PropertyRow

_INDEX = re.compile(r"\[\d+\]")
_VARIABLES = "properties.variables."
_WITH_VAULT = (property_table.BUNDLE, property_table.DEPLOYMENT)


def check_resource(resource: TemplateResource, found: Findings) -> None:
    """Reports: template-type-refused, template-property-refused, template-value-later, template-value-secure.

    Remarks: template-property-unused.
    """
    if property_table.type_of(resource.type) is None:
        body_of(resource).report_here(
            "template-type-refused",
            f"compleat makes no resources of the type '{resource.type}'.",
            found=found,
            why=f"It makes {', '.join(property_table.TYPES)}.",
            fix=_instead_of(resource.type),
        )
        return
    kind = extensions.kind_of(resource)
    if kind in (ExtensionKind.OF_AZURE, ExtensionKind.UNKNOWN):
        _check_extension(resource, found, is_of_azure=kind is ExtensionKind.OF_AZURE)
        return
    for _, member in body_of(resource).members():
        _check(member, found)


def _check_extension(resource: TemplateResource, found: Findings, *, is_of_azure: bool) -> None:
    properties = body_of(resource).at("properties")
    publisher, type_ = (properties.at(name).text(found) for name in ("publisher", "type"))
    if is_of_azure:
        text = f"{resource.title} has no effect: {type_} is an agent of Azure's own service."
        found.remark("template-property-unused", text, where=body_of(resource).where)
        return
    body_of(resource).report_here(
        "template-type-refused",
        f"compleat runs no extension '{type_}' of publisher '{publisher}'.",
        found=found,
        why="It runs Microsoft.Azure.Extensions' CustomScript, and leaves out agents of Azure's own services.",
        fix="Write what it does as a script in customData, or as a job of a Compleat/deployments resource.",
    )


def _instead_of(type_name: str) -> str:
    known = property_table.instead_of(type_name)
    if known:
        return known
    near = findings.nearest(type_name, property_table.TYPES)
    return f"Write '{near}'." if near else "Remove the resource, or deploy this template to Azure itself."


def _check(piece: TemplatePiece, found: Findings) -> None:
    title = _INDEX.sub("[]", path_text(piece.path))
    row = property_table.find_row(piece.resource.type, title)
    if row is not None and row.effect is PropertyEffect.REFUSED:
        _refuse(piece, found, why=f"{row.words}.")
        return
    if row is not None and row.effect is PropertyEffect.REMARK:
        text = f"{piece.resource.title}: {piece.title} has no effect: {row.words}."
        found.remark("template-property-unused", text, where=piece.where)
        return
    inner = [*piece.elements(), *(member for _, member in piece.members())]
    if inner or isinstance(piece.value, list | tuple | dict):
        if row is None and not property_table.is_way(piece.resource.type, title):
            _refuse_unknown(piece, title, found)
            return
        for each in inner:
            _check(each, found)
        return
    _check_leaf(piece, row, title, found=found)


def _check_leaf(piece: TemplatePiece, row: PropertyRow | None, title: str, *, found: Findings) -> None:
    if row is None:
        _refuse_unknown(piece, title, found)
    elif row.only and not any(_is_same(piece.value, each) for each in row.only):
        words = " or ".join(map(str, row.only))
        _refuse(piece, found, why=f"Its only value here is {words}: {row.words}.")
    elif isinstance(piece.value, LaterValue):
        piece.report_here(
            "template-value-later",
            f"{piece.title} is known only after the deployment: {piece.value.origin}.",
            found=found,
            why="A plan is whole before anything is made.",
            fix="Write a value that the template itself knows. A manifest may name ((NAME_public_ip)).",
        )
    elif isinstance(piece.value, SecureValue) and not _is_fit(piece, title):
        piece.report_here(
            "template-value-secure",
            f"{piece.title} has the value of a secure parameter.",
            found=found,
            why="It would be part of the plan, which holds no secrets.",
            fix="Declare the parameter as `string` if it is no secret (a public key); else use it in `variables` of a "
            "Compleat/deployments resource.",
        )


def _is_fit(piece: TemplatePiece, title: str) -> bool:
    """Whether a secure value may be there: in variables of deployments, and a key that is public."""
    is_of_deployment = property_table.type_of(piece.resource.type) in _WITH_VAULT
    return (is_of_deployment and title.startswith(_VARIABLES)) or (
        title.endswith(".keyData") and accounts.is_public_key(piece.value)
    )


def _is_same(value: object, wanted: object) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.lower() == wanted.lower()
    return value is wanted if isinstance(wanted, bool) else value == wanted


def _refuse(piece: TemplatePiece, found: Findings, *, why: str) -> None:
    piece.report_here(
        "template-property-refused",
        f"{piece.title} is not supported.",
        found=found,
        why=why[0].upper() + why[1:],
        fix="Remove it from the template.",
    )


def _refuse_unknown(piece: TemplatePiece, title: str, found: Findings) -> None:
    near = findings.nearest(title, property_table.paths_of(piece.resource.type))
    piece.report_here(
        "template-property-refused",
        f"{piece.title} is not supported.",
        found=found,
        why="docs/reference/templates.md lists the properties that compleat acts on.",
        fix=f"Did you mean '{near}'?" if near else "Remove it from the template.",
    )
