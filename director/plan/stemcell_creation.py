"""Stemcells that a plan makes: the action, and which VMs wait for it.

Takes offers and stock images, gives actions. A stemcell belongs to the environment, not to one deployment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cpi.contract.landing_parts import ImageSource
from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue, StemcellRequest
from director.actions.create_stemcell import CreateStemcell
from director.actions.create_vm import CreateVm
from director.model import cloud_names
from director.model.environments.desired import StemcellOffer, StockThere
from director.model.ids import ActionId
from director.model.tasks.plan import Action
from director.plan.action_factory import ActionFactory, Description

STEMCELLS = "Creating stemcells"


def create_stemcell(
    offer: StemcellOffer,
    cloud: str,
    factory: ActionFactory,
    *,
    made_of: Mapping[str, JsonValue] | ImageSource,
    after: Sequence[ActionId] = (),
) -> Action:
    """The action that makes it on a cloud; `made_of` are cloud properties that say of which image, or its source."""
    request = StemcellRequest(
        owner=replace(factory, deployment=ENVIRONMENT_ITSELF).owner_of(creation_of(offer, cloud, factory)),
        os=offer.os,
        version=offer.version,
        cloud_properties={"architecture": offer.architecture, **({} if isinstance(made_of, ImageSource) else made_of)},
        source=made_of if isinstance(made_of, ImageSource) else None,
    )
    about = Description(subject=_subject(offer), reason="not there yet", stage=STEMCELLS)
    work = CreateStemcell(cloud=cloud, request=request)
    return factory.new_action(work, about, after=after, detail=_detail(offer, cloud))


def creation_of(offer: StemcellOffer, cloud: str, factory: ActionFactory) -> ActionId:
    """The id of that action."""
    return factory.id_of("create_stemcell", _subject(offer), _detail(offer, cloud))


def with_stemcells(actions: Sequence[Action], stock: Iterable[StockThere], factory: ActionFactory) -> Sequence[Action]:
    """The actions, and before them those that make the stemcells which new VMs wait for."""
    awaited = {action.work.stemcell for action in actions if isinstance(action.work, CreateVm)}
    made = [
        create_stemcell(one.offer(), one.cloud, factory, made_of=one.image.cloud_properties)
        for one in stock
        if creation_of(one.offer(), one.cloud, factory) in awaited
    ]
    return (*made, *actions)


def _subject(offer: StemcellOffer) -> str:
    return f"stemcell {offer.os}/{offer.version}"


def _detail(offer: StemcellOffer, cloud: str) -> str:
    return "-".join(word for word in (offer.architecture, cloud_names.shown_name(cloud)) if word)
