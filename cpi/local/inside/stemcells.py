"""The host stemcell: this machine's own system, as far as a VM may see it.

Takes and gives records. Light: nothing is downloaded; the skeleton is built once for each stemcell.
"""

import os
import platform
from typing import Any, TypedDict

from cpi.errors import ConflictError
from cpi.local.inside import contents, names, records, skeleton
from cpi.local.inside.site import Site


class StemcellOrder(TypedDict):
    owner: records.OwnerRecord
    os: str
    version: str


def create_stemcell(site: Site, order: StemcellOrder) -> str:
    """Build the skeleton; there before is success."""
    cid = names.cid_of("stemcell", order["owner"])
    directory = f"{site.state}/stemcells/{cid}"
    found = records.load_stemcell(site.state, cid)
    if found is not None and found["state"] == "created":
        return cid
    contents.remove_tree(directory)
    os.makedirs(f"{directory}/rootfs")
    record: records.StemcellRecord = {
        "cid": cid,
        "owner": order["owner"],
        "os": order["os"],
        "version": order["version"],
        "architecture": find_architecture(),
        "state": "creating",
    }
    records.save(f"{directory}/stemcell.json", record)
    skeleton.build(f"{directory}/rootfs")
    record["state"] = "created"
    records.save(f"{directory}/stemcell.json", record)
    return cid


def delete_stemcell(site: Site, arguments: dict[str, Any]) -> None:
    """Delete it unless a VM stands on it; absent is success."""
    cid = arguments["cid"]
    for vm in records.list_vms(site.state):
        if vm["stemcell"] == cid:
            raise ConflictError(
                "stemcell-in-use",
                f"Stemcell {cid} is in use.",
                why=f"VM {vm['cid']} ({vm['name']}) stands on it.",
                fix="Delete the VM first.",
            )
    contents.remove_tree(f"{site.state}/stemcells/{cid}")


def find_architecture() -> str:
    """This machine's architecture in the words of stemcells."""
    return {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
