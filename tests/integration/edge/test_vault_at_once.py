"""Many first commands at once on a fresh home."""

import subprocess
import sys
from pathlib import Path

from director.edge.secrets.vault_dir import VaultDir

MAKE_ONE = """
import pathlib, sys
from director.edge.secrets.vault_dir import VaultDir
from director.model.environments.desired import VariableSpec
folder = pathlib.Path(sys.argv[1])
sys.stdin.read()
vault = VaultDir(folder / "vault", folder / "vault.key")
for name in (sys.argv[2], "shared"):
    vault.make_secret(VariableSpec(name=name, type="password"))
print(vault.get_secret("shared"))
"""


def test_eight_first_commands_at_once_make_one_key_and_each_secret_once(tmp_path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE_ONE, str(tmp_path), f"own-{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]
    for each in started:
        assert each.stdin
        each.stdin.close()
        each.stdin = None
    ended = [each.communicate(timeout=60) for each in started]
    assert [said for _, said in ended if said] == []
    assert len({printed for printed, _ in ended}) == 1
    vault = VaultDir(tmp_path / "vault", tmp_path / "vault.key")
    assert all(vault.get_secret(f"own-{number}") for number in range(8))
