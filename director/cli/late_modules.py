"""Modules of the standard library that others import and a short command never uses: loaded at their first use.

Takes names, changes how this process imports them. For a process without threads, and in place of
`importlib.util.LazyLoader`: up to Python 3.13 that one loads a module with the `import` of the next who wants it.
"""

import importlib
import sys
import types
from collections.abc import Iterable


def load_late(names: Iterable[str]) -> None:
    """Put modules in their places that load themselves with the first attribute that is read."""
    for name in names:
        sys.modules.setdefault(name, _LateModule(name))


class _LateModule(types.ModuleType):
    """Has the name of a module, and from its first use all that the module has."""

    def __getattr__(self, attribute: str) -> object:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
            vars(self).update(vars(importlib.import_module(self.__name__)))
        if attribute not in vars(self):
            raise AttributeError(f"module '{self.__name__}' has no attribute '{attribute}'")
        return vars(self)[attribute]
