"""stemcell.MF: what a stemcell's tarball says of itself.

Takes a tree of maps and lists, gives a frozen pydantic model. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/jobs/update_stemcell.rb @96f9135; cloudfoundry/bosh-linux-stemcell-builder
bosh-stemcell/lib/bosh/stemcell/stemcell_packager.rb @d432330.
"""

from typing import Annotated, ClassVar

from pydantic import Field, StrictStr

from director.model.secret_ref import Property  # noqa: F401  pydantic resolves FreeMap in this module
from director.model.written import patterns
from director.model.written.kinds import FreeMap, Piece, TextOrWhole, Whole

_Name = Annotated[StrictStr, Field(pattern=patterns.STEMCELL_NAME)]


class StemcellManifest(Piece):
    """`sha1` is a digest of the image, or several joined by ";". `bosh_protocol` stands only in images that contain a
    bosh-agent."""

    is_bosh_document: ClassVar[bool] = True

    name: _Name
    version: _Name
    operating_system: _Name | None = None
    sha1: StrictStr
    bosh_protocol: TextOrWhole | None = None
    api_version: Whole | None = None
    stemcell_formats: tuple[StrictStr, ...] | None = None
    cloud_properties: FreeMap = Field(default_factory=dict)
