"""The EndTimers port.

Takes a Home, gives timers.
"""

import os
from pathlib import Path

from director.app.wiring.homes import Home
from director.edge.timers.machine_timers import MachineTimers
from director.ports.end_timers import EndTimers


def open_timers(home: Home) -> EndTimers:
    """This machine's, for this home."""
    return MachineTimers(home=Path(home.settings.home), variables=dict(os.environ))
