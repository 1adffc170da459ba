"""What the local cloud of an environment holds, asked of the cloud itself: no record of the director is read.

Takes a home and an environment, gives Found values and the state of the cloud's own files. Of several clouds the local
one goes by its name.
"""

from dataclasses import dataclass
from pathlib import Path

from cpi import plugins
from cpi.clouds.local.host import state_root as places
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.values import FoundDisk, FoundLandingResource, FoundStemcell, FoundVm, OwnerQuery
from tests.support.command import Compleat

_ONLY = "only"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalInventory:
    """Everything that carries the environment's owner key."""

    vms: tuple[FoundVm, ...]
    disks: tuple[FoundDisk, ...]
    stemcells: tuple[FoundStemcell, ...]
    landing: tuple[FoundLandingResource, ...]

    def vms_of(self, deployment: str) -> tuple[FoundVm, ...]:
        return tuple(vm for vm in self.vms if vm.owner.deployment == deployment)

    def disks_of(self, deployment: str) -> tuple[FoundDisk, ...]:
        return tuple(disk for disk in self.disks if disk.owner.deployment == deployment)


def connect(compleat: Compleat, name: str = _ONLY) -> ConnectedCloud:
    """The environment's cloud, from this process."""
    folder = str(state_dir(compleat, name))
    settings = ConnectSettings(environment=compleat.environment, state_dir=folder, properties={})
    return plugins.find_plugin("local").connect(settings)


def take(compleat: Compleat, name: str = _ONLY) -> LocalInventory:
    """Look now."""
    cloud = connect(compleat, name)
    assert cloud.finder is not None
    assert cloud.landing is not None
    query = OwnerQuery(environment=compleat.environment)
    return LocalInventory(
        vms=cloud.finder.find_vms(query),
        disks=cloud.finder.find_disks(query),
        stemcells=cloud.finder.find_stemcells(query),
        landing=cloud.landing.find_landing_resources(compleat.environment),
    )


def records(compleat: Compleat) -> dict[str, tuple[int, bytes]]:
    """Every record file of the cloud: its time and its content."""
    state = cloud_dir(compleat)
    paths = sorted([*state.glob("*.json"), *state.glob("*/*.json"), *state.glob("*/*/*.json")])
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}


def state_dir(compleat: Compleat, name: str = _ONLY) -> Path:
    """The private directory that the director gives the cloud."""
    return compleat.home / "environments" / compleat.environment / "clouds" / name


def cloud_dir(compleat: Compleat) -> Path:
    """Where the cloud keeps its state, outside of the home."""
    return Path(places.find_place(compleat.environment, str(state_dir(compleat))).state)
