"""Extensions of a template's VMs: a script that is run once, and agents of Azure's own services, which have no effect.

Takes resources, gives scripts by VM; reports what is wrong with them.
"""

from collections.abc import Sequence
from enum import Enum

from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings
from director.resolve.templates import pieces, property_table, scripts
from director.resolve.templates.pieces import TemplatePiece, body_of

_WITH_SCRIPT = frozenset(
    {("microsoft.azure.extensions", "customscript"), ("microsoft.ostcextensions", "customscriptforlinux")}
)
_OF_AZURE = frozenset(
    {
        "microsoft.azure.monitor",
        "microsoft.azure.monitoring.dependencyagent",
        "microsoft.azure.networkwatcher",
        "microsoft.azure.security.linuxattestation",
        "microsoft.enterprisecloud.monitoring",
    }
)


class ExtensionKind(Enum):
    """What becomes of an extension."""

    SCRIPT = "script"
    OF_AZURE = "of azure"
    UNKNOWN = "unknown"


def kind_of(resource: TemplateResource) -> ExtensionKind | None:
    """None for what is no extension."""
    if property_table.type_of(resource.type) != property_table.EXTENSION:
        return None
    publisher, type_ = (str(body_of(resource).at("properties", name).value).lower() for name in ("publisher", "type"))
    if (publisher, type_) in _WITH_SCRIPT:
        return ExtensionKind.SCRIPT
    return ExtensionKind.OF_AZURE if publisher in _OF_AZURE else ExtensionKind.UNKNOWN


def read_scripts(resources: Sequence[TemplateResource], found: Findings) -> dict[str, TemplatePiece]:
    """The piece with the script of each VM that has one, by the VM's key. Reports: template-value-invalid."""
    by_vm: dict[str, TemplatePiece] = {}
    for resource in resources:
        if kind_of(resource) is not ExtensionKind.SCRIPT:
            continue
        both = [body_of(resource).at("properties", name) for name in ("settings", "protectedSettings")]
        places = [each.at(name) for each in both for name in ("commandToExecute", "script")]
        written = [piece for piece in places if piece.is_written]
        vm = resource.key.rpartition("/extensions/")[0]
        if len(written) != 1 or vm in by_vm:
            body_of(resource).report_here(
                pieces.INVALID,
                "a VM runs one script." if vm in by_vm else "it needs a command or a script.",
                found=found,
                fix="Write one of settings.commandToExecute and settings.script, in one extension of the VM.",
            )
            continue
        by_vm[vm] = written[0]
    return by_vm


def script_of(piece: TemplatePiece, found: Findings) -> str:
    """The script itself; a command is run by the shell."""
    if str(piece.path[-1]).lower() == "script":
        return scripts.decoded(piece, found)
    return f"#!/bin/sh\n{piece.text(found)}\n"
