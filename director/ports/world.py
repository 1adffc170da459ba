"""Everything outside: all ports of one environment.

Takes nothing; each port may open when it is first used.
"""

from collections.abc import Mapping
from typing import Protocol

from cpi.contract.cloud import ConnectedCloud
from director.ports.agent import Agent
from director.ports.blobstore import Blobstore
from director.ports.clock import Clock
from director.ports.configs import Configs
from director.ports.end_timers import EndTimers
from director.ports.journal import Journal
from director.ports.login_checks import LoginChecks
from director.ports.plans import Plans
from director.ports.release_records import ReleaseRecords
from director.ports.releases import ReleaseSource
from director.ports.remote_access import RemoteAccess
from director.ports.renderer import Renderer
from director.ports.routes import Routes
from director.ports.runner import Runner
from director.ports.state_store import StateStore
from director.ports.stemcell_tarballs import StemcellTarballs
from director.ports.tasks import Tasks
from director.ports.vault import Vault
from director.ports.watcher import Watcher


class World(Protocol):
    """Safe to use from many threads. What is wrong with a port itself is raised when it is first used."""

    @property
    def clouds(self) -> Mapping[str, ConnectedCloud]:
        """Each cloud by its name in the environment."""

    @property
    def agent(self) -> Agent: ...

    @property
    def login_checks(self) -> LoginChecks: ...

    @property
    def remote_access(self) -> RemoteAccess: ...

    @property
    def blobs(self) -> Blobstore: ...

    @property
    def releases(self) -> ReleaseSource: ...

    @property
    def release_records(self) -> ReleaseRecords: ...

    @property
    def stemcell_tarballs(self) -> StemcellTarballs: ...

    @property
    def vault(self) -> Vault: ...

    @property
    def store(self) -> StateStore: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def tasks(self) -> Tasks: ...

    @property
    def plans(self) -> Plans: ...

    @property
    def configs(self) -> Configs: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def timers(self) -> EndTimers: ...

    @property
    def routes(self) -> Routes: ...

    @property
    def renderer(self) -> Renderer: ...

    @property
    def runner(self) -> Runner: ...

    @property
    def watcher(self) -> Watcher: ...
