"""Tarballs of stemcells, with workspaces in the home.

Takes settings, gives the port.
"""

from director.app.sessions.settings import Settings
from director.app.wiring.folders import open_folder
from director.app.wiring.homes import Home
from director.edge.releases.downloads import DownloadSettings
from director.edge.releases.stemcell_tarballs import LocalStemcellTarballs
from director.ports.stemcell_tarballs import StemcellTarballs


def open_tarballs(settings: Settings) -> StemcellTarballs:
    """The tarballs. Raises InputError: home-denied, home-not-a-folder."""
    with Home(settings) as home:
        return LocalStemcellTarballs(home.part(open_folder) / "stemcells", DownloadSettings())
