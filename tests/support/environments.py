"""Environments with a file of their own, on the local cloud.

Takes a home and a name, gives the command that works there.
"""

from pathlib import Path

from tests.support.command import ROOT, Compleat

_SHIPPED = ROOT / "manifests/environments/local.yml"


def local_compleat(home: Path, name: str, *, is_warm: bool = False) -> Compleat:
    """The command in an environment called `name`, as the shipped one but for that."""
    write_local(home, name)
    return Compleat(home=home, environment=name, is_warm=is_warm)


def write_local(home: Path, name: str) -> None:
    """The environment's file."""
    folder = home / "environments"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    shipped = _SHIPPED.read_text().replace("name: local", f"name: {name}")
    file = folder / f"{name}.yml"
    file.touch(mode=0o600)
    file.write_text(shipped.replace(": ../cloud-configs", f": {ROOT}/manifests/cloud-configs"))
