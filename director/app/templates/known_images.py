"""What images of templates can be made of, and which there are: read from what is recorded, no cloud is asked.

Takes a Session, the environment and the resources of its templates, gives what translating needs of them.
"""

from collections.abc import Iterator, Mapping, Sequence

from director.app.sessions.session import Session
from director.model.environments.environment import Environment
from director.model.ids import DeploymentName
from director.model.template_resources import RecordedResource, TemplateResource
from director.resolve.templates import property_table
from director.resolve.templates.images import KnownImages

TemplateResources = Sequence[TemplateResource] | Sequence[RecordedResource]


def read_known(session: Session, environment: Environment, templates: Mapping[str, TemplateResources]) -> KnownImages:
    """`templates` are the resources by the names of the deployments that their VMs became."""
    first = environment.clouds[0].name
    return KnownImages(
        vms=dict(_vms(session, environment, templates)),
        made=frozenset((one.os, one.version) for one in environment.stemcells if one.cloud == first),
    )


def _vms(
    session: Session, environment: Environment, templates: Mapping[str, TemplateResources]
) -> Iterator[tuple[str, str]]:
    for name, resources in templates.items():
        state = session.world.store.load_deployment(environment.name, DeploymentName(name))
        cids = {str(one.group): str(one.vm.cid) for one in state.instances if one.vm is not None} if state else {}
        for one in resources:
            if property_table.type_of(one.type) == property_table.VM and one.name in cids:
                yield one.key, cids[one.name]
