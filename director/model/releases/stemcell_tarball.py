"""A stemcell's tarball: where it is, and what it was unpacked to.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.model.documents import Source
from director.model.ids import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class StemcellPlace:
    """`place` is a path, file:// or https://; `base` is the folder that a relative path is meant from.

    `digest` is a multi-digest that the tarball must have, "" for any; `where` is who says so: an option, or a place in
    a bundle's index.
    """

    place: str
    base: str
    digest: str = ""
    where: str = "--sha1"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackedStemcell:
    """`manifest` is stemcell.MF; `image_path` its image in a file, which is gone when the tarball is closed.

    `image_digests` are hexadecimal, by algorithm; `digest` is the tarball's own. `origin` is where it came from,
    without credentials.
    """

    manifest: Source
    image_path: str
    image_size: int
    image_digests: Mapping[str, str] = field(default_factory=dict)
    digest: Digest
    origin: str
