"""The kinds of actions: every file of this folder but this one.

Takes nothing, gives one tuple. A kind is added by adding its file here and its step in director/execute/steps/.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from director.errors import Bug
from director.model.tasks.work import Work, WorkOf

_PACKAGE = __name__.rpartition(".")[0]


def _found() -> Iterator[type[Work]]:
    package = importlib.import_module(_PACKAGE)
    for module in pkgutil.iter_modules(package.__path__):
        if f"{_PACKAGE}.{module.name}" != __name__:
            yield _kind_of(module.name)


def _kind_of(name: str) -> type[Work]:
    module = importlib.import_module(f"{_PACKAGE}.{name}")
    own = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]
    works = [each for each in own if issubclass(each, WorkOf) and each.__dataclass_fields__["kind"].default == name]
    if len(works) != 1:
        raise Bug("kind-broken", f"{module.__name__} does not define one kind of action named '{name}'.")
    return works[0]


KINDS: tuple[type[Work], ...] = tuple(_found())
"""By the names of their files."""

BY_NAME: Mapping[str, type[Work]] = {each.__module__.rpartition(".")[2]: each for each in KINDS}
"""The kinds by the word that saved plans and journals have for them."""
