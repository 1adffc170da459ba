"""What every operation knows about the cloud it runs in.

Takes the records of the state directory, gives one frozen value.
"""

import glob
import os
from dataclasses import dataclass

from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system import spreading
from cpi.clouds.local.inside.system.modes import Mode

PARTS = (
    "log",
    "networks",
    "addresses",
    "route_tables",
    "nat_gateways",
    "balancers",
    "accounts",
    "stemcells",
    "vms",
    "disks",
    "snapshots",
    "host",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    state: str
    mode: Mode
    python: tuple[str, ...]
    interpreter: str
    generation: str
    has_overlay: bool

    def vm_dir(self, cid: str) -> str:
        return f"{self.state}/vms/{cid}"

    def disk_files(self, cid: str) -> str:
        return f"{self.state}/disks/{cid}/fs"

    def python_sources(self) -> tuple[tuple[str, str], ...]:
        """Pairs of where an interpreter's tree is reached from here, and where a VM must see it."""
        if self.mode.is_shifted():
            return tuple((f"{self.state}/host/py{number}", tree) for number, tree in enumerate(self.python))
        return tuple((tree, tree) for tree in self.python)


def read_site(state: str, cloud: records.CloudRecord) -> Site:
    """The site of a cloud whose PID 1 stands."""
    boot = records.load_whole(f"{state}/boot.json", records.BootRecord) or _infer_boot(state)
    return Site(
        state=state,
        mode=Mode(cloud["mode"]),
        python=tuple(cloud["python"]),
        interpreter=cloud["interpreter"],
        generation=boot["generation"],
        has_overlay=boot["has_overlay"],
    )


def _infer_boot(state: str) -> records.BootRecord:
    """What boot.json must have said: without overlays each VM's root is a copy. Another generation revives VMs only."""
    copies = glob.glob(f"{glob.escape(state)}/vms/*/root/etc")
    return {"generation": "inferred", "has_overlay": not copies}


def make_parts(state: str) -> None:
    """Make the state's directories; there before is success."""
    for name in PARTS:
        os.makedirs(f"{state}/{name}", exist_ok=True)
        spreading.spread_children(f"{state}/{name}")
