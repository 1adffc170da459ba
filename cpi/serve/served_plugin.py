"""What is served. Takes nothing, gives a frozen value."""

import time
from collections.abc import Callable
from dataclasses import field
from typing import Any

from cpi.contract.progress import Progress
from cpi.contract.value_classes import dataclass
from cpi.serve.log import Log


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPlugin:
    """A plugin by name, the path of its settings (None for none), and who finds plugins (None: cpi.plugins).

    `sleep` lets seconds pass between two tries of a call. `log` receives what the plugin says meanwhile.
    """

    plugin: str
    config: str | None = None
    find: Callable[[str], Any] | None = None
    sleep: Callable[[float], None] = time.sleep
    log: Progress = field(default_factory=Log)
