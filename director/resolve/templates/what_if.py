"""What a deployment of a template would change, in the words of Azure Resource Manager's what-if.

Takes resources as they were last deployed and as the template has them now, gives changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from enum import StrEnum

from cpi.contract.value_classes import dataclass
from director.model.secret_ref import Property
from director.model.template_resources import RecordedResource
from director.resolve.templates import image_properties, network_properties, property_table, storage_properties

KEPT = "it stays until `compleat down`"


class WhatIfKind(StrEnum):
    """As `az deployment group what-if` has them."""

    CREATE = "Create"
    DELETE = "Delete"
    MODIFY = "Modify"
    DEPLOY = "Deploy"
    NO_CHANGE = "NoChange"
    IGNORE = "Ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyChange:
    """None is a property that is not there."""

    path: str
    before: Property
    after: Property


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """`reason` is why a resource is deployed again that the template has unchanged, or why nothing happens to it."""

    kind: WhatIfKind
    resource: RecordedResource
    properties: tuple[PropertyChange, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """`missing` are keys of resources that are recorded and do not exist any more; `touched` says by key what the plan
    does to a resource, and why.
    """

    before: Sequence[RecordedResource]
    after: Sequence[RecordedResource]
    missing: frozenset[str] = frozenset()
    touched: Mapping[str, str] = field(default_factory=dict)


def compare(compared: Compared) -> tuple[ResourceChange, ...]:
    """The template's resources in their order, then those that it has no more."""
    known = {one.key: one for one in compared.before if one.key not in compared.missing}
    wanted = {one.key for one in compared.after}
    kept = tuple(_change(one, known.get(one.key), compared.touched.get(one.key)) for one in compared.after)
    return (*kept, *(_gone(one) for one in known.values() if one.key not in wanted))


def _change(resource: RecordedResource, before: RecordedResource | None, reason: str | None) -> ResourceChange:
    if before is None:
        return ResourceChange(kind=WhatIfKind.CREATE, resource=resource)
    changes = tuple(_differences(before.body, resource.body, ""))
    if changes:
        return ResourceChange(kind=WhatIfKind.MODIFY, resource=resource, properties=changes)
    if reason is not None:
        return ResourceChange(kind=WhatIfKind.DEPLOY, resource=resource, reason=reason)
    return ResourceChange(kind=WhatIfKind.NO_CHANGE, resource=resource)


def _gone(resource: RecordedResource) -> ResourceChange:
    match property_table.type_of(resource.type):
        case (
            network_properties.ADDRESS
            | network_properties.GROUP
            | network_properties.BALANCER
            | network_properties.NAT
            | network_properties.ROUTES
            | storage_properties.ACCOUNT
            | storage_properties.BLOBS
            | storage_properties.CONTAINER
            | image_properties.IMAGE
        ):
            return ResourceChange(kind=WhatIfKind.IGNORE, resource=resource, reason=KEPT)
        case property_table.BUNDLE | property_table.DEPLOYMENT:
            reason = "its deployments stay; `compleat delete-deployment` deletes them"
            return ResourceChange(kind=WhatIfKind.IGNORE, resource=resource, reason=reason)
        case _:
            return ResourceChange(kind=WhatIfKind.DELETE, resource=resource)


def _differences(before: Property, after: Property, path: str) -> Iterator[PropertyChange]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from _differences(before.get(key), after.get(key), f"{path}.{key}" if path else key)
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif before != after or type(before) is not type(after):
        yield PropertyChange(path=path, before=before, after=after)
