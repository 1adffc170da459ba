"""Which cloud an error comes from: set on everything that a connected cloud's abilities raise, in one place.

Takes a ConnectedCloud and its name, gives the same whose errors carry the name as `ExplainedError.cloud`.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar, cast

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import ExplainedError

_T = TypeVar("_T")


@contextmanager
def from_cloud(name: str) -> Iterator[None]:
    """Within, an error that names no cloud yet comes from the one called `name`."""
    try:
        yield
    except ExplainedError as error:
        error.cloud = error.cloud or name
        raise


def name_errors(connected: ConnectedCloud, name: str) -> ConnectedCloud:
    """The same cloud; what its abilities raise names it."""
    return replace(
        connected,
        cloud=_named(connected.cloud, name),
        finder=_named(connected.finder, name),
        landing=_named(connected.landing, name),
        long_running=_named(connected.long_running, name),
        preflight=_named(connected.preflight, name),
        power=_named(connected.power, name),
        console=_named(connected.console, name),
        pricing=_named(connected.pricing, name),
        storage=_named(connected.storage, name),
        identity=_named(connected.identity, name),
        end_clock=_named(connected.end_clock, name),
    )


def _named(ability: _T, name: str) -> _T:
    """An ability that is not there stays None."""
    return ability if ability is None else cast(_T, _NamedAbility(ability, name))


class _NamedAbility:
    """An ability by all its names; only its methods are other than its own."""

    def __init__(self, ability: object, name: str) -> None:
        self._ability = ability
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._ability, attribute)
        return self._naming(found) if callable(found) else found

    def _naming(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(*arguments: Any, **named: Any) -> Any:
            with from_cloud(self._name):
                return method(*arguments, **named)

        return call
