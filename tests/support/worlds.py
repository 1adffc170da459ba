"""A World as one value, whose ports a test gives and replaces.

Takes ports, gives a World.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

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
from director.ports.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainWorld:
    clouds: Mapping[str, ConnectedCloud]
    agent: Agent
    login_checks: LoginChecks
    remote_access: RemoteAccess
    blobs: Blobstore
    releases: ReleaseSource
    release_records: ReleaseRecords
    stemcell_tarballs: StemcellTarballs
    vault: Vault
    store: StateStore
    journal: Journal
    tasks: Tasks
    plans: Plans
    configs: Configs
    clock: Clock
    timers: EndTimers
    routes: Routes
    renderer: Renderer
    runner: Runner
    watcher: Watcher


def with_clouds(world: World, clouds: Mapping[str, ConnectedCloud]) -> PlainWorld:
    """The world with other clouds."""
    return replace(_plain(world), clouds=clouds)


def with_tarballs(world: World, tarballs: StemcellTarballs) -> PlainWorld:
    """The world with tarballs of stemcells."""
    return replace(_plain(world), stemcell_tarballs=tarballs)


def with_journal(world: World, journal: Journal) -> PlainWorld:
    """The world with another journal."""
    return replace(_plain(world), journal=journal)


def with_trials(world: World, login_checks: LoginChecks) -> PlainWorld:
    """The world with other login_checks of logins."""
    return replace(_plain(world), login_checks=login_checks)


def with_access(world: World, *, login_checks: LoginChecks, remote_access: RemoteAccess) -> PlainWorld:
    """The world with other ways to VMs."""
    return replace(_plain(world), login_checks=login_checks, remote_access=remote_access)


def _plain(world: World) -> PlainWorld:
    return PlainWorld(**{field.name: getattr(world, field.name) for field in fields(PlainWorld)})
