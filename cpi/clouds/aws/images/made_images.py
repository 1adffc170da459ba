"""Images that AWS makes of what it has: registered on a snapshot, or created of an instance.

Takes requests with a source, gives CIDs. The image is the stemcell and has its owner key, and so has a snapshot that
AWS takes of an instance; a snapshot that was there is the user's, and stays.
Source: docs.aws.amazon.com, "RegisterImage", "CreateImage".
"""

from dataclasses import replace

from cpi.clouds.aws.images import stemcells
from cpi.clouds.aws.images.image_sources import ImageSources
from cpi.clouds.aws.images.uploads import Uploads
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import AwsConfig, StemcellProperties
from cpi.contract.errors import ConflictError
from cpi.contract.landing_parts import ImageSource
from cpi.contract.values import StemcellCid, StemcellRequest


class MadeImages:
    def __init__(self, api: Api, config: AwsConfig, uploads: Uploads) -> None:
        self._api = api
        self._config = config
        self._uploads = uploads
        self._sources = ImageSources(api)

    def create(self, request: StemcellRequest, source: ImageSource, properties: StemcellProperties) -> StemcellCid:
        """Give the action's stemcell, made if it is not there. Raises Processing."""
        request = replace(request, tags={**request.tags, stemcells.SOURCE: source.place})
        made = self._uploads.registered(request)
        if made is None:
            self._sources.facts(source)
            made = self._make(request, source, properties)
        return self._uploads.need_available(made)

    def delete(self, cid: StemcellCid) -> None:
        """The image, then its own snapshot: AWS keeps a snapshot that an image is of."""
        self._uploads.delete_image(stemcells.image_of(cid))

    def _make(self, request: StemcellRequest, source: ImageSource, properties: StemcellProperties) -> StemcellCid:
        if source.origin == "snapshot":
            return stemcells.made_cid(self._uploads.register(request, properties, source.place))
        architecture = properties.architecture or self._config.architecture
        asked = stemcells.write_copy(request, self._sources.need_instance(source), architecture=architecture)
        try:
            made = self._api.change("ec2", "CreateImage", **asked)
        except ConflictError as error:
            own = self._uploads.registered(request)
            if own is None:
                raise error
            return own
        return stemcells.write_cid(stemcells.MADE, made["ImageId"])
