"""The Clock port.

Takes a Home, gives a Clock.
"""

from director.app.wiring.homes import Home
from director.edge.machine.system_clock import SystemClock
from director.ports.clock import Clock


def open_clock(home: Home) -> Clock:
    """This machine's clock."""
    return SystemClock()
