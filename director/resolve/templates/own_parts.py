"""Parts of a resource that a template may write as resources of their own: a rule of a security group, a route.

Takes resources, gives the parts of one wherever they are written.
"""

from collections.abc import Iterator, Mapping, Sequence

from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings
from director.resolve.templates import network_properties, pieces
from director.resolve.templates.pieces import TemplatePiece, body_of

_PARENTS: Mapping[str, str] = {
    type_.lower(): parent
    for parent, keys in network_properties.PARTS.items()
    for key in keys
    for type_ in (f"{parent}/{key}",)
}


def parts_of(parent: TemplateResource, key: str, resources: Sequence[TemplateResource]) -> Iterator[TemplatePiece]:
    """The elements of an array of the parent, then the resources that are such elements."""
    yield from body_of(parent).at("properties", key).elements()
    before = f"{parent.key}/{key}/".lower()
    for one in resources:
        if one.type.lower() in _PARENTS and one.key.startswith(before):
            yield TemplatePiece(one, {"name": one.name.rpartition("/")[2], **one.body})


def check_parents(resources: Sequence[TemplateResource], found: Findings) -> None:
    """Reports: template-reference-missing, where the parent of a part is not in the template."""
    keys = {one.key for one in resources}
    for one in resources:
        parent = _PARENTS.get(one.type.lower())
        if parent is not None and one.key.rpartition("/")[0].rpartition("/")[0] not in keys:
            body_of(one).report_here(
                pieces.MISSING,
                f"'{one.name.rpartition('/')[0]}' is not in the template.",
                found=found,
                why="compleat makes what the template has, and uses nothing that is outside of it.",
                fix=f"Add the {parent} resource.",
            )
