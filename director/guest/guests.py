"""What every verb is handed: where things are, the scripts that run, and this program itself.

Takes nothing from outside, gives one value.
"""

from __future__ import annotations

import threading
from typing import NamedTuple, Optional

from director.guest.layout import Layout
from director.guest.supervise.supervise import Spare
from director.guest.system.scripts import Scripts


class Guest(NamedTuple):
    """`program` is the zipapp's own path; `changing` is held by verbs that change what others read.

    `spare` is a supervisor that can be woken; None where a supervisor lives.
    """

    layout: Layout
    scripts: Scripts
    program: str
    version: str
    changing: threading.Lock
    spare: Optional[Spare] = None
