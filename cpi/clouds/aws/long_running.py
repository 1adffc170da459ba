"""LONG_RUNNING on AWS: the upload of a stemcell, the one call whose result AWS makes available minutes later.

Takes the plugin's abilities, gives their results, or Pending.
"""

from cpi.clouds.aws.cloud import AwsCloud
from cpi.clouds.aws.images.processing import Processing
from cpi.clouds.aws.images.uploads import Uploads
from cpi.contract.cloud import Landing
from cpi.contract.long_running import Pending
from cpi.contract.values import StemcellCid, StemcellRequest
from cpi.kit.immediate_calls import ImmediateCalls


class AwsLongRunning(ImmediateCalls):
    """Implements LongRunning of cpi.contract.long_running."""

    def __init__(self, cloud: AwsCloud, landing: Landing, uploads: Uploads) -> None:
        super().__init__(cloud, landing, cloud)
        self._uploads = uploads

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid | Pending:
        try:
            return super().create_stemcell(request)
        except Processing as found:
            return found.pending

    def look(self, handle: str) -> Pending | None:
        return self._uploads.look(handle)
