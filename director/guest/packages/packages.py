"""Packages: versions unpacked side by side, selected by a symbolic link.

Takes names, versions and digests of blobs that are here already, gives bundles under data/packages.
"""

from __future__ import annotations

import hashlib
import os
from typing import Dict, List, NamedTuple

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.guests import Guest
from director.guest.layout import Layout
from director.guest.packages import archives, blobs
from director.guest.system import files


class Package(NamedTuple):
    """`digest` is of the compiled archive."""

    name: str
    version: str
    digest: str


def read_packages(arguments: Arguments, field: str) -> List[Package]:
    return [
        Package(files.check_plain_name(entry.text("name"), "package"), entry.text("version"), entry.text("digest"))
        for entry in arguments.children(field)
    ]


def bundle_path(layout: Layout, package: Package) -> str:
    return layout.path("data", "packages", package.name, bundle_name(package.version, package.digest))


def bundle_name(version: str, digest: str) -> str:
    """BOSH's name of an unpacked bundle."""
    return hashlib.sha1(("%s-%s" % (version, digest)).encode()).hexdigest()


def prepare_packages(guest: Guest, arguments: Arguments, call: VerbCall) -> str:
    """Unpack what is not there yet; nothing in use changes."""
    for package in read_packages(arguments, "packages"):
        call.report("unpacking %s" % package.name)
        unpack_package(guest.layout, package)
    return "prepared"


def unpack_package(layout: Layout, package: Package) -> str:
    """The bundle's path; a bundle that exists is whole, for it is renamed into place."""
    bundle = bundle_path(layout, package)
    if not os.path.isdir(bundle):
        archive = blobs.need_blob(layout, package.digest)
        os.makedirs(os.path.dirname(bundle), exist_ok=True)
        unpacking = bundle + ".unpacking"
        files.remove_path(unpacking)
        archives.unpack_archive(archive, unpacking)
        os.chmod(unpacking, 0o755)
        os.rename(unpacking, bundle)
    return bundle


def enable_package(layout: Layout, package: Package) -> None:
    files.point_link(os.path.join(layout.packages, package.name), bundle_path(layout, package))


def keep_only(links: str, bundles: str, wanted: Dict[str, str]) -> None:
    """Drop links and bundles that are not wanted (name -> bundle path): of jobs or of packages."""
    for name in os.listdir(links):
        if name not in wanted:
            files.remove_path(os.path.join(links, name))
    for name in os.listdir(bundles):
        for version in os.listdir(os.path.join(bundles, name)):
            path = os.path.join(bundles, name, version)
            if wanted.get(name) != path:
                files.remove_path(path)
        if name not in wanted:
            files.remove_path(os.path.join(bundles, name))
