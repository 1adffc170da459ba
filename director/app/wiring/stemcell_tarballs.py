"""Tarballs of stemcells, with workspaces in the home.

Takes settings, gives the port.
"""

from director.app.sessions.settings import Settings
from director.app.wiring import download_progress
from director.app.wiring.clocks import open_clock
from director.app.wiring.folders import open_folder
from director.app.wiring.homes import Home
from director.edge.releases.downloads import DownloadSettings
from director.edge.releases.stemcell_tarballs import LocalStemcellTarballs
from director.ports.stemcell_tarballs import StemcellTarballs
from director.ports.watcher import Watcher


def open_tarballs(settings: Settings, watcher: Watcher) -> StemcellTarballs:
    """The tarballs. Raises InputError: home-denied, home-not-a-folder."""
    with Home(settings) as home:
        report = download_progress.progress_of(watcher, home.part(open_clock))
        return LocalStemcellTarballs(home.part(open_folder) / "stemcells", DownloadSettings(report=report))
