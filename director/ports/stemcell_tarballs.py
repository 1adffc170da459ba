"""Tarballs of stemcells: read from where they are, checked, and their image put into a file.

Takes and gives values of director.model.releases.stemcell_tarball.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from director.model.releases.stemcell_tarball import StemcellPlace, UnpackedStemcell


class StemcellTarballs(Protocol):
    """Safe to call from many threads and processes."""

    def unpack(self, place: StemcellPlace, *, is_read_again: bool = False) -> AbstractContextManager[UnpackedStemcell]:
        """Read the whole tarball once; give stemcell.MF and the image. At exit the image's file is gone.

        With `is_read_again` a download is kept for the next call with the same place, which reads nothing then.

        A URL without a digest is pinned at its first download: another file there is refused later.
        Raises InputError: stemcell-unavailable, stemcell-url-unknown, digest-mismatch, stemcell-part-missing,
        stemcell-manifest-too-large, and what is wrong with an archive; StateError: disk-full.
        """
