"""Which volume is on which server: attached, detached, looked up.

Takes CIDs, gives hints. Work of Nova and Cinder in the background is "not yet" for callers.
"""

from collections.abc import Mapping
from typing import Any

from cpi.clouds.openstack.machines import disks, vms
from cpi.clouds.openstack.wire import names, refusals
from cpi.clouds.openstack.wire.api import Api
from cpi.contract.errors import NotFoundError
from cpi.contract.values import DiskCid, VmCid
from cpi.kit import foreign_cids

CloudAnswer = Mapping[str, Any]


class Attachments:
    def __init__(self, api: Api) -> None:
        self._api = api

    def server(self, cid: VmCid) -> CloudAnswer:
        """A server that will stay. Raises NotFoundError, code unknown-vm; CloudError, code foreign-cid."""
        foreign_cids.require_own(cid, what="VM", cloud="OpenStack")
        answer = self._look(cid)
        if answer is None or not vms.is_alive(answer):
            raise vms.unknown_vm(cid)
        return answer

    def volume(self, cid: DiskCid) -> CloudAnswer:
        """A volume that will stay. Raises NotFoundError, code unknown-disk; CloudError, code foreign-cid."""
        foreign_cids.require_own(cid, what="disk", cloud="OpenStack")
        if not names.is_id(cid):
            raise disks.unknown_disk(cid)
        try:
            answer: CloudAnswer = self._api.read("volume", f"/volumes/{cid}")["volume"]
        except NotFoundError as error:
            raise disks.unknown_disk(cid) from error
        if not disks.is_alive(answer):
            raise disks.unknown_disk(cid)
        return answer

    def attach(self, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        """Give the volume to the server, unless it has it. Raises TransientError until the machine sees it.

        Nova lists a volume with its server from the request on.
        """
        server, volume = self.server(vm_cid), self.volume(disk_cid)
        is_leaving = volume["status"] == "detaching"
        if disk_cid not in vms.read_disks(server) or is_leaving:
            vms.require_built(server)
            self.require_free(volume, "attached")
            body = {"volumeAttachment": {"volumeId": disk_cid}}
            self._api.post("compute", f"/servers/{vm_cid}/os-volume_attachments", body)
            volume = self.volume(disk_cid)
        if volume["status"] != "in-use":
            raise refusals.not_ready(f"Disk {disk_cid}", "Nova is still attaching it.")
        return disks.hint_of(disk_cid)

    def detach(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        """Take it away. Raises TransientError until it is gone: Nova asks the machine first."""
        server, volume = self.server(vm_cid), self.volume(disk_cid)
        if disk_cid not in vms.read_disks(server):
            return
        if volume["status"] != "detaching":
            disks.require_still_there(volume)
            self._api.delete("compute", f"/servers/{vm_cid}/os-volume_attachments/{disk_cid}")
        if disk_cid in vms.read_disks(self.server(vm_cid)):
            raise refusals.not_ready(f"Disk {disk_cid}", "Nova is still detaching it.")

    def require_free(self, volume: CloudAnswer, doing: str) -> None:
        """Raises ConflictError while a server has it, TransientError while one lets go of it."""
        for held in volume.get("attachments") or ():
            holder = self._look(VmCid(str(held.get("server_id"))))
            is_leaving = holder is None or not vms.is_alive(holder) or volume["status"] == "detaching"
            if is_leaving:
                raise refusals.not_ready(f"Disk {volume['id']}", "The server that had it is still releasing it.")
        disks.require_free(volume, doing)

    def _look(self, cid: VmCid) -> CloudAnswer | None:
        if not names.is_id(cid):
            return None
        try:
            answer: CloudAnswer = self._api.read("compute", f"/servers/{cid}")["server"]
        except NotFoundError:
            return None
        return answer
