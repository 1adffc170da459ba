"""What the clouds of an environment have for the operating systems that a manifest names.

Takes a Session and a manifest, gives an answer for each system and cloud. The clouds are not called: a plugin knows
its publishers' images. Whether an image is there is preflight's question.
"""

from collections.abc import Iterator
from dataclasses import replace

from cpi.contract.errors import NotSupportedError
from cpi.contract.values import FoundStemcell, OwnerQuery
from director.app.sessions.session import Session
from director.model import stemcell_names
from director.model.environments.desired import Desired, StockRefusal, StockThere
from director.model.environments.environment import Environment, stemcells_there
from director.model.ids import EnvironmentName
from director.model.written.manifest import Manifest
from director.observe import journal_inventory


def ask_clouds(session: Session, manifest: Manifest) -> tuple[StockThere | StockRefusal, ...]:
    """For each operating system by BOSH's name, the image or the refusal of each cloud that knows stock images."""
    named = (stemcell_names.system_meant(use) for use in manifest.stemcells)
    systems = dict.fromkeys(system for system in named if system is not None)
    return tuple(answer for system in systems for answer in _answers(session, system))


def with_known_stemcells(session: Session, environment: Environment, desired: Desired) -> Environment:
    """The environment with its stemcells, and those that deployments made of stock images since its last `up`.

    Only a cloud that lacks one which the deployment wants is asked.
    """
    there = {(one.cloud, one.os, one.version, one.architecture) for one in environment.stemcells if not one.name}
    wanted = ((one.cloud, one.image) for one in desired.stock)
    lacking = {cloud for cloud, image in wanted if (cloud, image.os, image.version, image.architecture) not in there}
    cids = {(one.cloud, one.cid) for one in environment.stemcells}
    asked = (
        one
        for cloud in sorted(lacking)
        for one in stemcells_there(cloud, stemcells_on(session, cloud, environment.name), environment.uploaded)
    )
    more = tuple(one for one in asked if (one.cloud, one.cid) not in cids)
    return replace(environment, stemcells=(*environment.stemcells, *more))


def stemcells_on(session: Session, cloud: str, environment: EnvironmentName) -> tuple[FoundStemcell, ...]:
    """Those that can be used, by the cloud's own word; where it cannot find, by the journal's.

    The cloud's default stemcell is first: `os: linux` and jumpboxes take that one.
    """
    connected = session.world.clouds[cloud]
    if connected.finder is None:
        found = journal_inventory.recorded_stemcells(session.world, environment, cloud)
    else:
        found = connected.finder.find_stemcells(OwnerQuery(environment=environment))
    whole = tuple(one for one in found if one.is_whole)
    if len(whole) < 2:
        return whole
    about = connected.cloud.info()
    usual = (about.default_os, about.default_version)
    return tuple(sorted(whole, key=lambda one: (one.os, one.version) != usual))


def _answers(session: Session, system: str) -> Iterator[StockThere | StockRefusal]:
    for name, connected in session.world.clouds.items():
        if connected.stock is None:
            continue
        try:
            yield StockThere(asked=system, image=connected.stock.stock_image(system), cloud=name)
        except NotSupportedError as error:
            yield StockRefusal(asked=system, error=error, cloud=name)
