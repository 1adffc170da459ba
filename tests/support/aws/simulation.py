"""A world whose cloud is AWS's emulator, reached through the real plugin; agents, store and time are those of memory.

Takes a seed and conditions, gives worlds; what is wanted is put in AWS's words.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from cpi.clouds.aws.connect import connect_cloud
from cpi.clouds.aws.wire import config, refusals
from cpi.clouds.aws.wire.api import Answer, Api
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, OwnerKey, StemcellRequest
from cpi.kit.refusals import Call
from director.model.environments.desired import Desired
from tests.support import wants
from tests.support.aws import shared
from tests.support.aws.as_memory import AwsAsMemory
from tests.support.aws.emulator import Emulator
from tests.support.deaths import Deaths
from tests.support.memory_agents import AgentConditions, MemoryAgents
from tests.support.memory_blobs import MemoryBlobs
from tests.support.simulation import Simulation, environment_on
from tests.support.virtual_time import VirtualTime

_NETWORK = "10.0.0.0/22"
"""Its first quarter is the subnet that tests want."""
_TYPES = {"small": "t3.small", "medium": "t3.medium"}
_NAMELESS = '"http://ec2.invalid/"'
_CALL_S = (0.05, 0.9)


@dataclass(slots=True)
class Names:
    """Whether AWS's names resolve: `holds` more calls do, then `fails` calls do not."""

    holds: int = 0
    fails: int = 0

    def is_lost(self) -> bool:
        """Whether this call's name does not resolve; counts."""
        if self.holds:
            self.holds -= 1
            return False
        if self.fails:
            self.fails -= 1
            return True
        return False


class DyingApi(Api):
    """An Api whose process may die before and after each call that changes something; calls take virtual time."""

    def __init__(self, clients: Api, *, deaths: Deaths, names: Names, time: VirtualTime, random: Random) -> None:
        super().__init__(clients._config)
        self._clients = clients._clients
        self._session = clients._session
        self._lock = clients._lock
        self._deaths = deaths
        self._names = names
        self._time = time
        self._random = random

    def _call(self, service: str, call: Call, parameters: Any) -> Answer:
        self._time.spend(self._random.uniform(*_CALL_S))
        if self._names.is_lost():
            # What the SDK says then, by tests/integration/aws/test_bad_settings.py; a real lookup takes real time.
            raise refusals.WIRE.unreachable(call, f"EndpointConnectionError: Could not connect: {_NAMELESS}")
        if not call.is_changing:
            return super()._call(service, call, parameters)
        self._deaths.passing(f"aws: before {call.name}")
        answer = super()._call(service, call, parameters)
        self._deaths.passing(f"aws: after {call.name}")
        return answer


@dataclass(slots=True, kw_only=True)
class AwsSimulation(Simulation):
    """`emulator` is the process's own, emptied: one simulation at a time."""

    emulator: Emulator = None  # type: ignore[assignment]
    names: Names = field(default_factory=Names)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.emulator = shared.fresh_emulator()
        self.cloud = AwsAsMemory(self.emulator)  # type: ignore[assignment]
        connected = self.connect(Deaths())
        _land(connected)
        self.environment = environment_on("aws", connected)
        agents = AgentConditions(random=self.random)
        self.agents = MemoryAgents(self.cloud, MemoryBlobs(self.blobs), self.time, agents)

    def connect(self, deaths: Deaths) -> ConnectedCloud:
        """The plugin over an Api that may die, without waiting."""
        settings = config.read_config(self.emulator.settings())
        api = DyingApi(shared.usual_api(), deaths=deaths, names=self.names, time=self.time, random=self.random)
        return connect_cloud(settings, wants.ENVIRONMENT, api=api)


def in_aws_words(desired: Desired) -> Desired:
    """The same deployment with instance types that AWS has, and without the addresses it keeps."""
    return wants.in_words_of(desired, _TYPES)


def _land(connected: ConnectedCloud) -> None:
    """A VPC with one subnet, a bucket and a stemcell; nothing of it may go wrong."""
    assert connected.landing is not None
    owner = OwnerKey(environment=wants.ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="setup")
    spec = LandingSpec(networks={"main": _NETWORK}, public_names=())
    wanted = ("vpc", "main-z1", "default", "public", "blobs")
    for resource in connected.landing.landing_resources(spec):
        if resource.name in wanted:
            connected.landing.create_landing_resource(resource, owner)
    stemcell = wants.STEMCELL
    connected.cloud.create_stemcell(
        StemcellRequest(
            owner=owner,
            os=stemcell.os,
            version=stemcell.version,
            cloud_properties={"image_id": "ami-0deb12a0000000001"},
        )
    )
