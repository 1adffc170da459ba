"""Tarballs of stemcells, with workspaces in the home.

Takes a Home, gives the port.
"""

import os

from director.app.wiring import download_progress
from director.app.wiring.clocks import open_clock
from director.app.wiring.folders import open_folder
from director.app.wiring.homes import Home
from director.edge.downloads.downloads import DownloadSettings
from director.edge.releases.stemcell_tarballs import LocalStemcellTarballs
from director.ports.stemcell_tarballs import StemcellTarballs


def open_tarballs(home: Home) -> StemcellTarballs:
    """The tarballs. Raises InputError: home-denied, home-not-a-folder."""
    report = download_progress.progress_of(home.watcher, home.part(open_clock))
    folder = home.part(open_folder) / "stemcells"
    tarballs = LocalStemcellTarballs(folder, DownloadSettings(report=report), dict(os.environ))
    home.closing.callback(tarballs.close)
    return tarballs
