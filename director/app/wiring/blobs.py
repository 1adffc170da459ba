"""Blobs and releases that the home keeps.

Takes a Home, gives the ports.
"""

import os
import sys

from director.app.wiring.folders import open_folder
from director.app.wiring.homes import Home
from director.app.wiring.records import open_release_records
from director.edge.blobs.blobs_dir import BlobsDir
from director.edge.releases.fetch import Fetcher, FetchSettings
from director.edge.releases.git_program import GitProgram
from director.edge.releases.pip_download import PipSettings
from director.edge.releases.release_uploads import LocalUploads, UploadParts, UploadReading
from director.edge.releases.releases import LocalReleases, ReleaseReading
from director.releases import final_releases, release_manifests
from director.releases import releases as release_texts

_READING = ReleaseReading(
    read_tree=release_texts.read_release_tree,
    finish=release_texts.finish_release,
    read_archive=release_texts.read_release_archive,
)


def open_blobs(home: Home) -> BlobsDir:
    """The blobstore."""
    return BlobsDir(home.part(open_folder) / "blobs")


def open_releases(home: Home) -> LocalReleases:
    """Releases, read from where a manifest says and kept in the blobstore."""
    folder = home.part(open_folder) / "releases"
    return LocalReleases(folder, home.part(open_blobs), reading=_READING, settings=_settings())


def open_uploads(home: Home) -> LocalUploads:
    """Releases brought into the home."""
    folder, blobs = home.part(open_folder) / "releases", home.part(open_blobs)
    parts = UploadParts(
        shelf=home.part(open_releases),
        records=home.part(open_release_records),
        fetcher=Fetcher(folder, blobs, _settings()),
        git=GitProgram(dict(os.environ)),
    )
    reading = UploadReading(
        releases=_READING,
        write_manifest=release_manifests.write_release_manifest,
        read_final=final_releases.read_final_release,
        listed_versions=final_releases.listed_versions,
    )
    return LocalUploads(folder, blobs, parts=parts, reading=reading)


def _settings() -> FetchSettings:
    return FetchSettings(pip=PipSettings(python=sys.executable, environment=dict(os.environ)))
