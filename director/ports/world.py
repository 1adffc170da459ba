"""Everything outside, as one frozen value.

Takes nothing, gives a value that holds the ports.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cpi.contract.cloud import ConnectedCloud
from director.ports.agent import Agent
from director.ports.blobstore import Blobstore
from director.ports.clock import Clock
from director.ports.journal import Journal
from director.ports.releases import ReleaseSource
from director.ports.renderer import Renderer
from director.ports.runner import Runner
from director.ports.state_store import StateStore
from director.ports.vault import Vault
from director.ports.watcher import Watcher


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`clouds` maps a cloud's name in the environment to it."""

    clouds: Mapping[str, ConnectedCloud]
    agent: Agent
    blobs: Blobstore
    releases: ReleaseSource
    vault: Vault
    store: StateStore
    journal: Journal
    clock: Clock
    renderer: Renderer
    runner: Runner
    watcher: Watcher
