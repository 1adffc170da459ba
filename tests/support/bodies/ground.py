"""A local cloud for bodies, and the proof that it is gone afterwards.

Takes a name, gives the cloud connected. Needs root: only root may listen where an emulated public address answers, and
enter a VM without our keys.
"""

import ipaddress
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cpi import plugins
from cpi.clouds.local.host import state_root as places
from cpi.clouds.local.inside.records import locks
from cpi.clouds.local.wire.api import Api
from cpi.contract.cloud import ConnectedCloud, ConnectSettings, Console, Finder, Landing, Power
from cpi.contract.values import LandingResource, OwnerKey, OwnerQuery, StemcellCid, StemcellRequest, VmCid
from tests.integration.local.yard import processes_of

_NAME = "bodies"
_TOOLS = {"nsenter": "util-linux", "nft": "nftables"}


def missing() -> str:
    """Why there can be no bodies here; "" when there can."""
    if os.geteuid() != 0:
        return "bodies need root: they listen on port 22 of the loopback interface"
    lacking = [f"{tool} ({package})" for tool, package in _TOOLS.items() if not shutil.which(tool)]
    return f"bodies need {', '.join(lacking)}" if lacking else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """`folder` is removed by `clear`, with its content."""

    folder: Path
    connected: ConnectedCloud
    api: Api

    @property
    def landing(self) -> Landing:
        assert self.connected.landing is not None
        return self.connected.landing

    @property
    def finder(self) -> Finder:
        assert self.connected.finder is not None
        return self.connected.finder

    @property
    def console(self) -> Console:
        assert self.connected.console is not None
        return self.connected.console

    @property
    def power(self) -> Power:
        assert self.connected.power is not None
        return self.connected.power

    def stemcell(self) -> StemcellCid:
        """The machine's own system; twice is once."""
        info = self.connected.cloud.info()
        request = StemcellRequest(owner=owner_of("stemcell"), os=info.default_os, version=info.default_version)
        return self.connected.cloud.create_stemcell(request)

    def network(self, cidr: str) -> str:
        """The name of the network with this range, made unless it is there; empty ones in its way are removed."""
        for found in self.landing.find_landing_resources(_NAME):
            other = found.outputs[f"{found.name}_cidr"]
            if other != cidr and ipaddress.ip_network(other).overlaps(ipaddress.ip_network(cidr)):
                self.landing.delete_landing_resource(found.cid)
        name = f"net-{cidr.replace('/', '-')}"
        resource = LandingResource(kind="network", name=name, properties={"cidr": cidr})
        self.landing.create_landing_resource(resource, owner_of(name))
        return name

    def first_process(self, cid: VmCid) -> int:
        """The VM's PID 1 as this machine sees it, 0 when it is off."""
        return locks.find_holder(f"{self.api.state}/vms/{cid}/lock")

    def clear(self) -> None:
        """Delete all of it. Raises AssertionError with what is left on the machine nevertheless."""
        cloud, query = self.connected.cloud, OwnerQuery(environment=_NAME)
        for vm in self.finder.find_vms(query):
            cloud.delete_vm(vm.created.cid)
        for disk in self.finder.find_disks(query):
            cloud.delete_disk(disk.cid)
        for stemcell in self.finder.find_stemcells(query):
            cloud.delete_stemcell(stemcell.cid)
        for resource in self.landing.find_landing_resources(_NAME):
            self.landing.delete_landing_resource(resource.cid)
        left = self._left()
        shutil.rmtree(self.folder, ignore_errors=True)
        assert left == [], f"bodies left on this machine: {left}"

    def _left(self) -> list[str]:
        clouds = [str(path) for path in self.folder.joinpath("clouds").rglob("*")]
        mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(self.folder) in line]
        return clouds + mounts + [f"process {pid}" for pid in processes_of(self.folder)]


def open_ground() -> Ground:
    """A new one; nothing runs before the first body. Its folder is one that a shifted id can get to."""
    folder = Path(tempfile.mkdtemp(prefix="bodies-", dir="/var/tmp")).resolve()
    folder.chmod(0o755)
    state_dir, root = str(folder / "home"), str(folder / "clouds")
    settings = ConnectSettings(environment=_NAME, state_dir=state_dir, properties={"state_root": root})
    connected = plugins.find_plugin("local").connect(settings)
    return Ground(folder=folder, connected=connected, api=Api(places.find_place(_NAME, state_dir, root=root), None))


def owner_of(action: str) -> OwnerKey:
    """Whose a body's thing is."""
    return OwnerKey(environment=_NAME, deployment=_NAME, action=action)
