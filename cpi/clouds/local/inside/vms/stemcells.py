"""The host stemcell: this machine's own system, as far as a VM may see it.

Takes and gives records. Light: nothing is downloaded; the skeleton is built once for each set of namespaces.
"""

import os
import platform
from typing import Any, TypedDict

from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system import contents, names, skeleton, sysc
from cpi.clouds.local.inside.system.site import Site
from cpi.contract.errors import ConflictError


class StemcellOrder(TypedDict):
    owner: records.OwnerRecord
    os: str
    version: str
    tags: dict[str, str]


def create_stemcell(site: Site, order: StemcellOrder) -> str:
    """Build the skeleton; there before is success."""
    cid = names.cid_of("stemcell", order["owner"])
    directory = f"{site.state}/stemcells/{cid}"
    found = records.load_whole(f"{directory}/stemcell.json", records.StemcellRecord)
    if found is not None and found["state"] == "created":
        return cid
    remove(directory)
    os.makedirs(f"{directory}/rootfs")
    record: records.StemcellRecord = {
        "cid": cid,
        "owner": order["owner"],
        "os": order["os"],
        "version": order["version"],
        "architecture": find_architecture(),
        "state": "creating",
        "tags": order["tags"],
    }
    records.save(f"{directory}/stemcell.json", record)
    ensure_files(site, cid)
    record["state"] = "created"
    records.save(f"{directory}/stemcell.json", record)
    return cid


def delete_stemcell(site: Site, arguments: dict[str, Any]) -> None:
    """Delete it unless a VM uses it; absent is success."""
    cid = arguments["cid"]
    for vm in records.list_vms(site.state):
        if vm["stemcell"] == cid:
            raise ConflictError(
                "stemcell-in-use",
                f"Stemcell {cid} is in use.",
                why=f"VM {vm['cid']} ({vm['name']}) uses it.",
                fix="Delete the VM first.",
            )
    remove(f"{site.state}/stemcells/{cid}")


def ensure_files(site: Site, cid: str) -> None:
    """Make the stemcell's files stand; standing before is success.

    They are in memory: a thousand small files created and deleted with each cloud are slow on a disk, and after a new
    set of namespaces they are the machine's current ones.
    """
    root = f"{site.state}/stemcells/{cid}/rootfs"
    if not os.path.ismount(root):
        sysc.mount("stemcell", root, kind="tmpfs", flags=sysc.MS_NODEV, options="mode=755")
        skeleton.build(root)


def find_architecture() -> str:
    """This machine's architecture in the words of stemcells."""
    return {"aarch64": "arm64"}.get(platform.machine(), platform.machine())


def remove(directory: str) -> None:
    """Remove a stemcell's files and record; absent is success."""
    root = f"{directory}/rootfs"
    if os.path.ismount(root):
        sysc.umount(root, sysc.MNT_DETACH)  # VMs that are going off may hold it a moment longer
    contents.remove_tree(directory)
