"""A whole world in memory and in virtual time, and the process of a director that lives and dies in it.

Takes a seed and conditions, gives worlds; what lasts outlives them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import cast

from cpi.clouds.memory.calls import Conditions
from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.faults import CloudCall, Faults, NoFaults
from cpi.clouds.memory.landing import STORAGE, MemoryLanding
from cpi.clouds.memory.rules import Rules
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingResource, OwnerKey, OwnerQuery, SshAccess, StemcellRequest
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.environment import CloudChoice, Environment, stemcells_there
from director.model.secret_ref import SecretRef
from director.ports.login_checks import LoginChecks
from director.ports.remote_access import RemoteAccess
from director.ports.stemcell_tarballs import StemcellTarballs
from tests.support.deaths import Deaths
from tests.support.machine_routes import MachineRoutes
from tests.support.memory_agents import AgentConditions, MemoryAgents
from tests.support.memory_blobs import BlobsDisk, MemoryBlobs
from tests.support.memory_configs import MemoryConfigs
from tests.support.memory_journal import JournalDisk, MemoryJournal
from tests.support.memory_plans import MemoryPlans, PlansDisk
from tests.support.memory_release_records import MemoryReleaseRecords
from tests.support.memory_releases import MemoryReleases
from tests.support.memory_store import MemoryStore, StoreDisk
from tests.support.memory_tasks import MemoryTasks, TasksDisk
from tests.support.memory_timers import MemoryTimers
from tests.support.memory_vault import MemoryVault, VaultDisk
from tests.support.plain_renderer import PlainRenderer
from tests.support.virtual_time import VirtualRunner, VirtualTime
from tests.support.wants import CIDR, ENVIRONMENT
from tests.support.watchers import ListWatcher
from tests.support.worlds import PlainWorld

_SECONDS = {"create_vm": (25.0, 90.0), "delete_vm": (10.0, 40.0)}
_OTHER_S = (2.0, 12.0)
_READ_S = (0.1, 0.8)
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2VmYWtlZmFr test"
"""Real clouds look whether it is one."""


@dataclass(slots=True)
class DyingFaults:
    """Faults of a cloud whose caller may die before or after each call that changes something."""

    inner: Faults
    deaths: Deaths

    def before(self, call: CloudCall) -> None:
        if not call.is_read:
            self.deaths.passing(f"cloud: before {call.method}")
        self.inner.before(call)

    def after(self, call: CloudCall) -> None:
        if not call.is_read:
            self.deaths.passing(f"cloud: after {call.method}")
        self.inner.after(call)


@dataclass(slots=True, kw_only=True)
class Simulation:
    """`cloud`, `agents` and the disks last; `process` starts a director in them."""

    seed: int = 0
    faults: Faults = field(default_factory=NoFaults)
    rules: Rules = field(default_factory=lambda: Rules(networks={"main": CIDR}))
    has_finder: bool = True
    has_storage: bool = False
    tears: bool = False
    time: VirtualTime = field(default_factory=VirtualTime)
    random: Random = field(init=False)
    cloud: MemoryCloud = field(init=False)
    agents: MemoryAgents = field(init=False)
    store: StoreDisk = field(default_factory=StoreDisk)
    journal: JournalDisk = field(default_factory=JournalDisk)
    tasks: TasksDisk = field(default_factory=TasksDisk)
    plans: PlansDisk = field(default_factory=PlansDisk)
    configs: MemoryConfigs = field(default_factory=MemoryConfigs)
    vault: VaultDisk = field(default_factory=VaultDisk)
    blobs: BlobsDisk = field(default_factory=BlobsDisk)
    environment: Environment = field(init=False)
    watcher: ListWatcher = field(default_factory=ListWatcher)
    timers: MemoryTimers = field(default_factory=MemoryTimers)
    runs: int = 0
    compile_times_s: Mapping[str, float] = field(default_factory=dict)
    """How long packages took to compile before, by name: what a director remembers of earlier runs."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        conditions = Conditions(latency_s=self._latency_s, spend=self.time.spend)
        self.cloud = MemoryCloud(replace(self.rules, has_storage=self.has_storage), conditions)
        owner = OwnerKey(environment=ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="setup/create_stemcell")
        self.cloud.create_stemcell(StemcellRequest(owner=owner, os="memory-linux", version="1.0"))
        if self.has_storage:
            storage = LandingResource(kind=STORAGE, name="blobs")
            MemoryLanding(self.cloud).create_landing_resource(storage, owner)
        self.environment = Environment(
            name=ENVIRONMENT,
            clouds=(CloudChoice(name=ONLY_CLOUD, plugin="memory"),),
            ssh=SshAccess(user="vcap", public_key="ssh-ed25519 key"),
            ssh_key=SecretRef(name="/test/ssh"),
            stemcells=stemcells_there(ONLY_CLOUD, self.cloud.inventory().stemcells),
            storing=frozenset({ONLY_CLOUD} if self.has_storage else ()),
        )
        agent_conditions = AgentConditions(random=self.random)
        self.agents = MemoryAgents(self.cloud, MemoryBlobs(self.blobs), self.time, agent_conditions)

    def process(self, deaths: Deaths | None = None) -> PlainWorld:
        """Start a director's process; it dies where `deaths` says, and what lasts stays."""
        deaths = deaths or Deaths()
        self.store.let_go()
        self.tasks.alive.clear()
        self.agents.deaths = deaths
        store, blobs = MemoryStore(self.store, deaths), MemoryBlobs(self.blobs, deaths)
        return PlainWorld(
            clouds={ONLY_CLOUD: self.connect(deaths)},
            agent=self.agents,
            login_checks=cast(LoginChecks, None),  # this, remote access and tarballs are not used here
            remote_access=cast(RemoteAccess, None),
            blobs=blobs,
            releases=MemoryReleases(blobs),
            release_records=MemoryReleaseRecords(),
            stemcell_tarballs=cast(StemcellTarballs, None),
            vault=MemoryVault(self.vault, deaths),
            store=store,
            journal=MemoryJournal(store, self.journal, deaths=deaths, tears=self.tears),
            tasks=MemoryTasks(self.tasks),
            plans=MemoryPlans(self.plans),
            configs=self.configs,
            clock=self.time,
            timers=self.timers,
            routes=MachineRoutes(),
            renderer=PlainRenderer(),
            runner=VirtualRunner(self.time, Random(self.random.random())),
            watcher=self.watcher,
        )

    def connect(self, deaths: Deaths) -> ConnectedCloud:
        """The cloud, for a process that dies where `deaths` says."""
        faults = DyingFaults(inner=self.faults, deaths=deaths)
        self.cloud.gate.conditions = replace(self.cloud.gate.conditions, faults=faults)
        connected = connect_cloud(self.cloud)
        return connected if self.has_finder else replace(connected, finder=None)

    def _latency_s(self, call: CloudCall) -> float:
        if call.is_read:
            return self.random.uniform(*_READ_S)
        return self.random.uniform(*_SECONDS.get(call.method, _OTHER_S))


def environment_on(plugin: str, connected: ConnectedCloud) -> Environment:
    """An environment on a test cloud that has a landing zone and a stemcell."""
    assert connected.finder is not None and connected.landing is not None
    kinds = {found.kind for found in connected.landing.find_landing_resources(ENVIRONMENT)}
    is_storing = connected.storage is not None and connected.storage.kind in kinds
    there = connected.finder.find_stemcells(OwnerQuery(environment=ENVIRONMENT))
    return Environment(
        name=ENVIRONMENT,
        clouds=(CloudChoice(name=ONLY_CLOUD, plugin=plugin),),
        ssh=SshAccess(user="vcap", public_key=PUBLIC_KEY),
        ssh_key=SecretRef(name="/test/ssh"),
        stemcells=stemcells_there(ONLY_CLOUD, there),
        storing=frozenset({ONLY_CLOUD} if is_storing else ()),
    )
