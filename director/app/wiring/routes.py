"""The Routes port.

Takes a Home, gives Routes.
"""

from director.app.wiring.homes import Home
from director.edge.machine.system_routes import SystemRoutes
from director.ports.routes import Routes


def open_routes(_home: Home) -> Routes:
    """This machine's."""
    return SystemRoutes()
