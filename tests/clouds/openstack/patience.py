"""A cloud whose "not yet" is waited for, as the director's engine does: what changed nothing is asked again.

Takes a connected cloud, gives one; nothing but Retry.SAFE is repeated.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import CloudError, Retry

_PAUSE_S = 1.0
"""One look at a server costs the services 0.3 s of processor time, which what is waited for needs."""

_LONGEST_S = 60.0


class Patient:
    """Every method of what is inside, asked again while it says that it is too early; `called` collects their names."""

    def __init__(self, inside: object, called: set[str]) -> None:
        self._inside = inside
        self._called = called

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._inside, name)

        def call(*arguments: Any, **named: Any) -> Any:
            self._called.add(name)
            end = time.monotonic() + _LONGEST_S
            while True:
                try:
                    return method(*arguments, **named)
                except CloudError as error:
                    if error.retry is not Retry.SAFE or time.monotonic() > end:
                        raise
                time.sleep(_PAUSE_S)

        return call


def patiently(connected: ConnectedCloud, *, called: set[str] | None = None) -> ConnectedCloud:
    """The same cloud, waited for; `called` collects the names of the methods that are called."""
    names = set() if called is None else called
    return replace(
        connected,
        cloud=Patient(connected.cloud, names),
        finder=Patient(connected.finder, names),
        landing=Patient(connected.landing, names),
        preflight=Patient(connected.preflight, names),
        power=Patient(connected.power, names),
        console=Patient(connected.console, names),
    )
