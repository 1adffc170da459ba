"""Every implementation of Vault.

Takes a directory, gives an empty one.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from director.edge.secrets.vault_dir import VaultDir
from director.ports.vault import Vault
from tests.support.memory_vault import MemoryVault

VAULTS: Mapping[str, Callable[[Path], Vault]] = {
    "memory": lambda _: MemoryVault(),
    "directory": lambda folder: VaultDir(folder / "vault", folder / "key"),
}
