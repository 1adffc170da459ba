"""Uploaded stemcells: created on each cloud that takes them, and deleted again.

Takes stemcells, gives Plans of the environment itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue, StemcellRequest
from director.actions.create_stemcell import CreateStemcell
from director.actions.delete_stemcell import DeleteStemcell
from director.model import cloud_names
from director.model.cloud_names import CloudName
from director.model.environments.uploaded_stemcell import UploadedStemcell
from director.model.ids import ActionId
from director.model.tasks.plan import Action, Plan
from director.plan.action_factory import ActionFactory, Description
from director.plan.environments import environment_plans
from director.plan.request import EnvironmentRequest

UPLOADING = "Uploading stemcell"
DELETING = "Deleting stemcell"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedStemcell:
    """What a cloud is to create. `image_path` is "" for a light stemcell; `tags` are set beside the owner key."""

    cloud: CloudName
    name: str
    version: str
    os: str
    properties: Mapping[str, JsonValue] = field(default_factory=dict)
    image_path: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


def plan_upload(request: EnvironmentRequest, wanted: Sequence[WantedStemcell]) -> Plan:
    """Create each on its cloud."""
    factory = environment_plans.new_factory(request)
    return environment_plans.plan_actions(request, [_create(one, factory) for one in wanted])


def action_of(request: EnvironmentRequest, wanted: WantedStemcell) -> ActionId:
    """The id of the action that creates it."""
    return environment_plans.new_factory(request).id_of(
        "create_stemcell", _subject(wanted), cloud_names.shown_name(wanted.cloud)
    )


def plan_deletion(request: EnvironmentRequest, stemcells: Sequence[UploadedStemcell]) -> Plan:
    """Delete each from its cloud."""
    factory = environment_plans.new_factory(request)
    return environment_plans.plan_actions(
        request, [_delete(one, number, factory) for number, one in enumerate(stemcells)]
    )


def _create(one: WantedStemcell, factory: ActionFactory) -> Action:
    detail = cloud_names.shown_name(one.cloud)
    owner = factory.owner_of(factory.id_of("create_stemcell", _subject(one), detail))
    asked = StemcellRequest(
        owner=owner,
        os=one.os,
        version=one.version,
        cloud_properties=one.properties,
        image_path=one.image_path,
        tags=one.tags,
    )
    about = Description(subject=_subject(one), reason="it is uploaded", stage=UPLOADING)
    return factory.new_action(CreateStemcell(cloud=one.cloud, request=asked), about, detail=detail)


def _delete(one: UploadedStemcell, number: int, factory: ActionFactory) -> Action:
    """Of one that `--fix` replaced there are several on a cloud."""
    about = Description(subject=_subject(one), reason="its deletion was requested", stage=DELETING)
    detail = "-".join(word for word in (cloud_names.shown_name(one.cloud), str(number) if number else "") if word)
    return factory.new_action(DeleteStemcell(cloud=one.cloud, cid=one.cid), about, detail=detail)


def _subject(one: WantedStemcell | UploadedStemcell) -> str:
    return f"stemcell {one.name}/{one.version}"
