"""Where a template has what a cloud refuses: texts, names of resources, VMs.

Takes a template's resources, gives DocumentPlaces.
"""

from collections.abc import Iterable

from director.model.document_places import DocumentPlaces
from director.model.template_resources import TemplateResource
from director.resolve import document_places


def resource_places(resources: Iterable[TemplateResource]) -> DocumentPlaces:
    """The place of each resource by its name, then the first of each text in them."""
    listed = tuple(resources)
    names = {resource.name: resource.where() for resource in reversed(listed)}
    vms = {document_places.vm_begin(resource.name): resource.where() for resource in reversed(listed)}
    for resource in listed:
        for path, value in document_places.each_value(resource.body, ()):
            if isinstance(value, str):
                names.setdefault(value, resource.where(path))
    return DocumentPlaces(names=names, vms=vms)
