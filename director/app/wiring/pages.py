"""What the page of a task needs of this machine: its certificate.

Takes settings, gives the path of a file.
"""

from director.app.sessions.settings import Settings
from director.app.wiring.folders import open_folder
from director.app.wiring.homes import Home
from director.edge.secrets import page_certificates


def certificate_file(settings: Settings) -> str:
    """Key and certificate in one file, in the home's folder `page`."""
    with Home(settings) as home:
        return str(page_certificates.page_certificate(home.part(open_folder) / "page"))
