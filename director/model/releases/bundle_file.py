"""A bundle as one signed file: what is in it, and who signed it.

Takes nothing, gives frozen values.
"""

from collections.abc import Callable
from dataclasses import field
from typing import BinaryIO

from cpi.contract.value_classes import dataclass

FOLDER, MIRROR = "bundle", "releases"
"""The two folders of an unpacked bundle: the index with its files, and release tarballs called NAME-VERSION.tgz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleMember:
    """A file to put into a bundle; `open` is called twice and gives the same content."""

    path: str
    open: Callable[[], BinaryIO] = field(repr=False)
    is_executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledFile:
    """A file of a bundle. `digest` is its SHA-256 in hexadecimal digits."""

    path: str
    size: int
    digest: str
    is_executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBundle:
    """A bundle whose signature was verified. `digest` is that of the inventory, `key` the fingerprint of who signed it.

    `size` is that of the whole file in bytes.
    """

    name: str
    files: tuple[BundledFile, ...]
    digest: str
    key: str
    size: int
