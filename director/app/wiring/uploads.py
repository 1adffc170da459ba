"""Releases brought into the home.

Takes a Home, gives the port.
"""

import os

from director.app.wiring.blobs import FINALS, READING, fetch_settings, open_blobs, open_releases
from director.app.wiring.folders import open_folder
from director.app.wiring.homes import Home
from director.app.wiring.records import open_release_records
from director.edge.releases.fetch import Fetcher
from director.edge.releases.git_program import GitProgram
from director.edge.releases.release_uploads import LocalUploads, UploadParts, UploadReading
from director.releases import release_manifests


def open_uploads(home: Home) -> LocalUploads:
    """Releases brought into the home."""
    folder, blobs = home.part(open_folder) / "releases", home.part(open_blobs)
    parts = UploadParts(
        shelf=home.part(open_releases),
        records=home.part(open_release_records),
        fetcher=Fetcher(folder, blobs, fetch_settings(home)),
        git=GitProgram(dict(os.environ)),
    )
    reading = UploadReading(
        releases=READING,
        write_manifest=release_manifests.write_release_manifest,
        finals=FINALS,
    )
    return LocalUploads(folder, blobs, parts=parts, reading=reading)
