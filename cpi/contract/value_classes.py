"""The `dataclass` of this project: the standard one, whose frozen classes are made in two thirds of the time.

Takes a class, gives it as `dataclasses.dataclass` does. The standard library compiles a text for each method of each
class; here frozen classes share `__eq__`, `__hash__` and `__repr__`, which read the fields.
"""

import dataclasses
import operator
import reprlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

Value = TypeVar("Value")

_COMPARED = "_compared_fields"
"""The class attribute that gives an object's fields as a tuple, of those that count in a comparison."""


def _dataclass(
    *, frozen: bool = False, slots: bool = False, kw_only: bool = False, order: bool = False
) -> Callable[[type[Value]], type[Value]]:
    if order or not frozen:
        return dataclasses.dataclass(frozen=frozen, slots=slots, kw_only=kw_only, order=order)
    decorate = dataclasses.dataclass(frozen=True, slots=slots, kw_only=kw_only, repr=False, eq=False)

    def made(cls: type[Value]) -> type[Value]:
        shared = {"__eq__": _equal, "__hash__": _hash, "__repr__": _repr}
        for name, method in shared.items():
            if vars(cls).get(name) is None:
                setattr(cls, name, method)
        cls.__doc__ = cls.__doc__ or cls.__name__  # else the standard library looks for a signature to write there
        whole = decorate(cls)
        setattr(whole, _COMPARED, _compared(whole))
        return whole

    return made


def _compared(cls: type[Any]) -> Callable[[Any], tuple[object, ...]]:
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
    if not names:
        return lambda value: ()
    return operator.attrgetter(*names, *names[: len(names) == 1])  # of one name alone it gives no tuple


def _equal(self: Any, other: object) -> object:
    if other.__class__ is not self.__class__:
        return NotImplemented
    compared = getattr(self.__class__, _COMPARED)
    return bool(compared(self) == compared(other))


def _hash(self: Any) -> int:
    return hash(getattr(self.__class__, _COMPARED)(self))


@reprlib.recursive_repr()
def _repr(self: Any) -> str:
    shown = [f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr]
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = _dataclass
