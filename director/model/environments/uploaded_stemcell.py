"""A stemcell that was uploaded: the record of it on one cloud of its environment.

Takes nothing, gives frozen values.
"""

from cpi.contract.value_classes import dataclass
from cpi.contract.values import StemcellCid
from director.model.cloud_names import ONLY_CLOUD, CloudName
from director.model.ids import ActionId, Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedStemcell:
    """`action` is the one that creates it on the cloud: its owner key is that of the image there.

    `cid` is "" until the upload is known to have ended. `digest` is the tarball's, `image_sha1` that of stemcell.MF.
    `api_version` is 0 where stemcell.MF has none. `is_replaced` says that `--fix` created another one in its place;
    it stays for the VMs that were created from it. `origin` is where it came from, without credentials.
    """

    name: str
    version: str
    os: str
    architecture: str
    action: ActionId
    cid: StemcellCid
    digest: Digest
    cloud: CloudName = ONLY_CLOUD
    formats: tuple[str, ...] = ()
    api_version: int = 0
    image_sha1: str = ""
    origin: str = ""
    uploaded_at: float = 0.0
    is_replaced: bool = False

    @property
    def title(self) -> str:
        """The stemcell as commands name it."""
        return f"{self.name}/{self.version}"
