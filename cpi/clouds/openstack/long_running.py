"""LONG_RUNNING on OpenStack: an image that is made of a server or imported, whose bytes follow minutes later.

Takes the plugin's abilities, gives their results, or Pending.
"""

from cpi.clouds.openstack.cloud import OpenStackCloud
from cpi.clouds.openstack.images.sourced_images import ImageUnderway, SourcedImages
from cpi.contract.cloud import Landing
from cpi.contract.long_running import Pending
from cpi.contract.values import StemcellCid, StemcellRequest
from cpi.kit.immediate_calls import ImmediateCalls


class OpenStackLongRunning(ImmediateCalls):
    """Implements LongRunning of cpi.contract.long_running."""

    def __init__(self, cloud: OpenStackCloud, landing: Landing, sourced: SourcedImages) -> None:
        super().__init__(cloud, landing, cloud)
        self._sourced = sourced

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid | Pending:
        try:
            return super().create_stemcell(request)
        except ImageUnderway as found:
            return found.pending

    def look(self, handle: str) -> Pending | None:
        return self._sourced.look(handle)
