"""A world whose cloud is a stand-in for an OpenStack project, reached through the real plugin; agents, store and time
are those of memory.

Takes a seed and conditions, gives worlds; what is wanted is put in OpenStack's words.
"""

import json
from dataclasses import dataclass, field
from random import Random

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import config, refusals
from cpi.clouds.openstack.wire.api import Api, Json, Send
from cpi.clouds.openstack.wire.refusals import Asked
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, OwnerKey, StemcellRequest
from director.model.environments.desired import Desired
from tests.support import wants
from tests.support.deaths import Deaths
from tests.support.memory_agents import AgentConditions, MemoryAgents
from tests.support.memory_blobs import MemoryBlobs
from tests.support.openstack import project
from tests.support.openstack.as_memory import OpenStackAsMemory
from tests.support.openstack.project import Project
from tests.support.simulation import Simulation, environment_on
from tests.support.virtual_time import VirtualTime

_CIDR = "10.0.0.0/22"
"""Its first quarter is the subnet that tests want."""
_TYPES = {"small": "m1.small", "medium": "m1.medium"}
_CALL_S = (0.05, 0.9)
SETTINGS = config.read_config(
    {"auth_url": "http://keystone.invalid/v3", "username": "u", "api_key": "p", "project": "t", "container": False}
)


class ProjectApi(Api):
    """An Api whose process may die before and after each call that changes something; calls take virtual time."""

    def __init__(self, place: Project, *, deaths: Deaths, time: VirtualTime, random: Random) -> None:
        super().__init__(SETTINGS)
        self._place = place
        self._deaths = deaths
        self._time = time
        self._random = random

    def project(self) -> str:
        return project.ID

    def sign_in(self) -> None:
        """No login is needed."""

    def ahead_s(self) -> float:
        return 0.0

    def login(self) -> None:
        """Somebody else got the token."""

    def has_service(self, service: str) -> bool:
        return service in ("compute", "network", "image", "volume")

    def _json(self, service: str, asked: Asked, send: Send) -> Json:
        self._time.spend(self._random.uniform(*_CALL_S))
        if asked.call.is_changing:
            self._deaths.passing(f"openstack: before {asked.call.name}")
        query = {name: str(value) for name, value in send.query.items()}
        status, body = self._place.answer(service, (asked.method, asked.path), query, send.body or {})
        if asked.call.is_changing:
            self._deaths.passing(f"openstack: after {asked.call.name}")
        if status >= 300:
            raise refusals.WIRE.refusal(refusals.read_fault(status, json.dumps(body), {}), asked.call)
        told: Json = json.loads(json.dumps(body))
        return told


@dataclass(slots=True, kw_only=True)
class OpenStackSimulation(Simulation):
    """`place` is the project."""

    place: Project = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.place = Project(random=Random(self.seed))
        self.cloud = OpenStackAsMemory(self.place)  # type: ignore[assignment]
        connected = self.connect(Deaths())
        _land(connected)
        self.environment = environment_on("openstack", connected)
        agents = AgentConditions(random=self.random)
        self.agents = MemoryAgents(self.cloud, MemoryBlobs(self.blobs), self.time, agents)

    def connect(self, deaths: Deaths) -> ConnectedCloud:
        """The plugin over an Api that may die, without sockets and without waiting."""
        api = ProjectApi(self.place, deaths=deaths, time=self.time, random=self.random)
        return connect_cloud(SETTINGS, wants.ENVIRONMENT, api=api)


def in_openstack_words(desired: Desired) -> Desired:
    """The same deployment with flavours that the project has, and without the addresses that clouds keep."""
    return wants.in_words_of(desired, _TYPES)


def _land(connected: ConnectedCloud) -> None:
    """A network with one subnet, security groups and a stemcell; nothing of it may go wrong."""
    assert connected.landing is not None
    owner = OwnerKey(environment=wants.ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="setup")
    spec = LandingSpec(networks={"main": _CIDR}, public_names=())
    for resource in connected.landing.landing_resources(spec):
        connected.landing.create_landing_resource(resource, owner)
    stemcell = wants.STEMCELL
    connected.cloud.create_stemcell(
        StemcellRequest(
            owner=owner,
            os=stemcell.os,
            version=stemcell.version,
            cloud_properties={"image_id": "debian-12"},
        )
    )
