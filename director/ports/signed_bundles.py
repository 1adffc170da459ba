"""Bundles written to one signed file, verified, and unpacked.

Takes paths and members, gives values of director.model.releases.bundle_file.
"""

from collections.abc import Iterable
from typing import Protocol

from director.model.releases.bundle_file import BundleMember, SignedBundle


class SignedBundles(Protocol):
    def write(self, path: str, name: str, members: Iterable[BundleMember], *, key: str) -> SignedBundle:
        """Write the bundle, signed by the private key in the file `key`; the same members give the same bytes.

        Raises InputError: bundle-key-unfit, bundle-path-unfit, bundle-too-large.
        """

    def verify(self, path: str, *, key: str) -> SignedBundle:
        """Read the whole file; `key` is a file with the public key of who must have signed it.

        Raises InputError: bundle-key-unfit, bundle-signature-wrong, bundle-file-damaged, bundle-path-unfit,
        bundle-too-large.
        """

    def unpack(self, path: str, *, key: str) -> tuple[SignedBundle, str]:
        """The same, and unpack it below the home; gives the folder. What is refused leaves nothing there."""
