"""What a CID names: a VM, disk or snapshot by its name, in the environment's group or in another. Pure.

Takes CIDs, gives names and groups. Ours are plain names; those of BOSH's Azure CPI are read too, as far as they mean
managed disks. Raises CloudError, code foreign-cid. Source: cloudfoundry/bosh-azure-cpi-release, models/instance_id.rb,
models/disk_id.rb @eb3489e.
"""

import re

from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.value_classes import dataclass
from cpi.kit import foreign_cids

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
_UNMANAGED_VM = re.compile(r"[a-z0-9]{3,24}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNMANAGED_DISK = "bosh-data-"
_PARTS = {"VM": "agent_id", "disk": "disk_name", "snapshot": "disk_name"}
_KINDS = {"VM": names.VM, "disk": names.DISK, "snapshot": names.SNAPSHOT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """`group` "" is the environment's own."""

    name: str
    group: str = ""


def read(cid: str, what: str) -> Named:
    """What a CID of a "VM", "disk" or "snapshot" names."""
    foreign_cids.require_own(cid, what=what, cloud="Azure")
    found = _read_parts(cid, what) if ":" in cid else Named(name=cid)
    if not _NAME.fullmatch(found.name):
        raise foreign_cids.refuse(cid, what=what, why="It is not a valid name of an Azure resource.")
    if found.name.startswith(_UNMANAGED_DISK) or (what == "VM" and _UNMANAGED_VM.fullmatch(found.name)):
        raise _unmanaged(cid, what)
    return found


def path_of(cid: str, what: str, places: ResourcePaths) -> str:
    """Where that is."""
    found = read(cid, what)
    return places.path(_KINDS[what], found.name, group=found.group)


def _read_parts(cid: str, what: str) -> Named:
    """BOSH's second form: "agent_id:NAME;resource_group_name:GROUP"."""
    parts = dict(one.partition(":")[::2] for one in cid.split(";"))
    if _PARTS[what] not in parts:
        raise foreign_cids.refuse(cid, what=what, why=f"It has no {_PARTS[what]}, unlike CIDs of BOSH's Azure CPI.")
    if "storage_account_name" in parts:
        raise _unmanaged(cid, what)
    return Named(name=parts[_PARTS[what]], group=parts.get("resource_group_name", ""))


def _unmanaged(cid: str, what: str) -> Exception:
    return foreign_cids.refuse(cid, what=what, why="It means disks in a storage account, which are not managed disks.")
