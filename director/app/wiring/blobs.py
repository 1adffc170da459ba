"""Blobs and releases that the home keeps, to read and to fetch.

Takes a Home, gives the ports.
"""

import os
import sys

from director.app.wiring import download_progress
from director.app.wiring.clocks import open_clock
from director.app.wiring.folders import open_folder
from director.app.wiring.homes import Home
from director.edge.blobs.blobs_dir import BlobsDir
from director.edge.downloads.downloads import DownloadSettings
from director.edge.downloads.pip_download import PipSettings
from director.edge.releases.fetch import FetchSettings
from director.edge.releases.final_versions import FinalReading
from director.edge.releases.releases import LocalReleases, ReleaseReading
from director.releases import final_releases
from director.releases import releases as release_texts

FINALS = FinalReading(read_final=final_releases.read_final_release, listed_versions=final_releases.listed_versions)
READING = ReleaseReading(
    read_tree=release_texts.read_release_tree,
    finish=release_texts.finish_release,
    read_archive=release_texts.read_release_archive,
    finals=FINALS,
)


def open_blobs(home: Home) -> BlobsDir:
    """The blobstore."""
    return BlobsDir(home.part(open_folder) / "blobs")


def open_releases(home: Home) -> LocalReleases:
    """Releases, read from where a manifest says and kept in the blobstore."""
    folder = home.part(open_folder) / "releases"
    return LocalReleases(folder, home.part(open_blobs), reading=READING, settings=fetch_settings(home))


def fetch_settings(home: Home) -> FetchSettings:
    """How releases are fetched from here."""
    report = download_progress.progress_of(home.watcher, home.part(open_clock))
    pip = PipSettings(python=sys.executable, environment=dict(os.environ))
    return FetchSettings(pip=pip, downloads=DownloadSettings(report=report))
