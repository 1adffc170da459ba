"""A home's vault and state, as the wiring opens them.

Takes the home's folder, gives the open store.
"""

from pathlib import Path

from director.edge.secrets.vault_dir import VaultDir
from director.edge.state.sql_database import Database


def open_vault(home: Path) -> VaultDir:
    """The vault; nothing is made until the first secret."""
    return VaultDir(home / "vault", home / "vault.key")


def open_database(home: Path, *, patience_s: float = 30.0) -> Database:
    """The state, sealed with the vault's key."""
    return Database(home / "state.db", open_vault(home).key, patience_s=patience_s)
