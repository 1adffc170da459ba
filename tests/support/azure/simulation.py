"""A world whose cloud is Azure's stand-in, reached through the real plugin and azure-core's pipeline; agents, store and
time are those of memory.

Takes a seed and conditions, gives worlds; what is wanted is put in Azure's words.
"""

import time as wall
import uuid
from dataclasses import dataclass, field
from random import Random
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import HttpTransport, RequestsTransport

from cpi.clouds.azure.connect import connect_abilities, scope_of
from cpi.clouds.azure.wire import config
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.pipeline import Address
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.progress import NO_PROGRESS
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, OwnerKey, StemcellRequest
from cpi.kit.operation_clock import OperationClock
from director.model.environments.desired import Desired
from tests.support import wants
from tests.support.azure.arm import Arm
from tests.support.azure.as_memory import AzureAsMemory
from tests.support.azure.catalogue import LOCATION
from tests.support.azure.direct import make_transport
from tests.support.azure.faults import Faults
from tests.support.azure.held_blobs import HeldBlobs
from tests.support.azure.login import CLIENT_OBJECT, Login, Token
from tests.support.azure.place import Place
from tests.support.azure.store import SUBSCRIPTION
from tests.support.azure.wire import Log
from tests.support.deaths import Deaths
from tests.support.memory_agents import AgentConditions, MemoryAgents
from tests.support.memory_blobs import MemoryBlobs
from tests.support.simulation import Simulation, environment_on
from tests.support.virtual_time import VirtualTime

_CIDR = "10.0.0.0/24"
_TYPES = {"small": "Standard_B2s", "medium": "Standard_D2s_v5"}
_CALL_S = (0.05, 0.9)
_URL = "https://management.stand-in"
SETTINGS = config.read_config(
    {
        "subscription_id": SUBSCRIPTION,
        "location": LOCATION,
        "credentials": {"kind": "cli"},
        "endpoints": {"resource_manager": _URL},
        "operation_timeout_s": 60,
    }
)


READS = frozenset({"GET", "HEAD"})
"""What changes nothing."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A credential whose tokens the stand-in knows."""

    login: Login

    def get_token(self, *scopes: str, **_more: Any) -> AccessToken:
        text, ends_s = uuid.uuid4().hex, wall.time() + 3600
        audience = scopes[0].removesuffix("/.default")
        self.login.tokens[text] = Token(audience=audience, object_id=CLIENT_OBJECT, ends_s=ends_s)
        return AccessToken(text, int(ends_s))


@dataclass(slots=True, kw_only=True)
class AzureSimulation(Simulation):
    """`place` is Azure with its `held_blobs`, `arm_faults` what goes wrong there, `log` every call."""

    held_blobs: HeldBlobs = field(default_factory=HeldBlobs)
    place: Place = field(init=False)
    login: Login = field(default_factory=Login)
    arm_faults: Faults = field(default_factory=Faults)
    log: Log = field(default_factory=Log)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.place = Place(blobs=self.held_blobs)
        self.cloud = AzureAsMemory(self.place, self.held_blobs)  # type: ignore[assignment]
        connected = self.connect(Deaths())
        _land(connected)
        self.environment = environment_on("azure", connected)
        agents = AgentConditions(random=self.random)
        self.agents = MemoryAgents(self.cloud, MemoryBlobs(self.blobs), self.time, agents)
        self.log.clear()

    def connect(self, deaths: Deaths) -> ConnectedCloud:
        """The plugin over an Api that may die, without sockets and without waiting."""
        return connect_abilities(dying_api(self, deaths), SETTINGS, environment=wants.ENVIRONMENT, progress=NO_PROGRESS)


class DyingTransport(HttpTransport[Any, Any]):
    """Connections of a process that may die before and after each call that changes something; calls take time."""

    def __init__(self, simulation: AzureSimulation, deaths: Deaths, inner: RequestsTransport) -> None:
        self._inner = inner
        self._deaths = deaths
        self._time = simulation.time
        self._random = simulation.random

    def send(self, request: Any, **options: Any) -> Any:
        self._time.spend(self._random.uniform(*_CALL_S))
        if request.method in READS:
            return self._inner.send(request, **options)
        call = f"{request.method} {kind_of(request.url)}"
        self._deaths.passing(f"azure: before {call}")
        answer = self._inner.send(request, **options)
        self._deaths.passing(f"azure: after {call}")
        return answer

    def open(self) -> None:
        self._inner.open()

    def close(self) -> None:
        self._inner.close()

    def __enter__(self) -> "DyingTransport":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def dying_api(simulation: AzureSimulation, deaths: Deaths) -> Api:
    """An Api on such connections."""
    arm = Arm(simulation.place, simulation.login)
    inner = make_transport(arm.answer, simulation.arm_faults, simulation.log, blobs=simulation.held_blobs)
    return Api(
        Address(url=_URL, scope=scope_of(SETTINGS)),
        Signed(simulation.login),
        clock=_clock(simulation.time),
        limit_s=SETTINGS.operation_timeout_s,
        transport=DyingTransport(simulation, deaths, inner),
    )


def kind_of(url: str) -> str:
    """The first type in a path of the resource manager, "virtualMachines"; "blobs" for the path of one."""
    _, is_managed, rest = url.partition("?")[0].rpartition("/providers/")
    return rest.split("/")[1] if is_managed else "blobs"


def in_azure_words(desired: Desired) -> Desired:
    """The same deployment with sizes that Azure has, and without the addresses it keeps."""
    return wants.in_words_of(desired, _TYPES)


def _clock(time: VirtualTime) -> OperationClock:
    return OperationClock(now_s=lambda: time.at + time.spent, wall_s=lambda: time.at + time.spent, sleep=time.spend)


def _land(connected: ConnectedCloud) -> None:
    """A network with one subnet, a storage account and a stemcell; nothing of it may go wrong."""
    assert connected.landing is not None
    owner = OwnerKey(environment=wants.ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="setup")
    for resource in connected.landing.landing_resources(LandingSpec(networks={"main": _CIDR}, public_names=())):
        connected.landing.create_landing_resource(resource, owner)
    stemcell = wants.STEMCELL
    connected.cloud.create_stemcell(StemcellRequest(owner=owner, os=stemcell.os, version=stemcell.version))
