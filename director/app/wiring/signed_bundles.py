"""Bundles as signed files, unpacked in the home.

Takes settings, gives the port.
"""

from director.app.sessions.settings import Settings
from director.app.wiring.folders import open_folder
from director.app.wiring.homes import Home
from director.edge.bundles.bundle_archives import LocalBundles
from director.ports.signed_bundles import SignedBundles


def open_bundles(settings: Settings) -> SignedBundles:
    """The port. Raises InputError: home-denied, home-not-a-folder."""
    with Home(settings) as home:
        return LocalBundles(home.part(open_folder) / "bundles")
