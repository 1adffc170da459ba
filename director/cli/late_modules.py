"""Modules of the standard library that others import and a short command never uses: loaded at their first use.

Takes names, changes how this process imports them. In place of `importlib.util.LazyLoader`: up to Python 3.13 that one
loads a module with the `import` of the next who wants it.
"""

import _thread
import importlib
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any


def load_late(names: Iterable[str]) -> None:
    """Put modules in their places that load themselves with the first attribute that is read."""
    for name in names:
        _place(_LateModule(name))


def load_late_with(name: str, function: str) -> None:
    """The same for one module whose function others take with `from MODULE import FUNCTION`: its first call loads."""
    late = _LateModule(name)
    setattr(late, function, _late_function(late, function))
    _place(late)


def _place(late: types.ModuleType) -> None:
    package, _, last = late.__name__.rpartition(".")
    if sys.modules.setdefault(late.__name__, late) is late and package:
        setattr(importlib.import_module(package), last, late)


_LOADING = _thread.RLock()
"""Not of `threading`, which imports more than the shortest command does."""


class _LateModule(types.ModuleType):
    """Has the name of a module, and from its first use all that the module has."""

    def __getattr__(self, attribute: str) -> object:
        if attribute == "__path__":  # `from MODULE import` asks for it of every module
            raise AttributeError(attribute)
        found = _loaded(self)
        if attribute not in found:
            raise AttributeError(f"module '{self.__name__}' has no attribute '{attribute}'")
        return found[attribute]


def _loaded(late: types.ModuleType) -> Mapping[str, Any]:
    """All that the module has; threads may ask for it at once."""
    with _LOADING:
        if sys.modules.get(late.__name__) is late:
            del sys.modules[late.__name__]
            vars(late).update(vars(importlib.import_module(late.__name__)))
    return vars(late)


def _late_function(late: types.ModuleType, name: str) -> Callable[..., object]:
    def load_and_call(*arguments: object, **named: object) -> object:
        return _loaded(late)[name](*arguments, **named)

    return load_and_call
