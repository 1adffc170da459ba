"""How long a cloud asks to wait, as its answers say it.

Takes a header's text, gives seconds: never endless, whatever a server or a proxy wrote.
"""

import math

LONGEST_S = 3600.0
"""The longest wait that clouds ask for; a longer one is cut, and asking again early costs one more refusal."""


def read_pause(text: str, *, default_s: float, unit: float = 1.0) -> float:
    """The seconds, of a text in `unit` parts of a second; the default where it is no number, such as a date."""
    try:
        pause_s = float(text) / unit
    except ValueError:
        return default_s
    return min(max(0.0, pause_s), LONGEST_S) if not math.isnan(pause_s) else default_s
