"""What a home remembers: deployments, tasks, secrets. No cloud, no VM.

Takes nothing, gives a frozen value that use cases are given which only look.
"""

from dataclasses import dataclass

from director.app.settings import Settings
from director.ports.journal import Journal
from director.ports.state_store import StateStore
from director.ports.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    settings: Settings
    store: StateStore
    journal: Journal
    vault: Vault
