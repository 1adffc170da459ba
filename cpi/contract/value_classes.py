"""The `dataclass` of this project: the standard one, whose frozen classes are made in a tenth of the time.

Takes a class, gives it as `dataclasses.dataclass` does. The standard library compiles a text for each of six methods of
each class; here frozen classes share five of them, and `__init__` is compiled when the first object is made.
"""

import dataclasses
import operator
import reprlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, FrozenInstanceError
from typing import TYPE_CHECKING, Any, TypeVar

Value = TypeVar("Value")

_COMPARED = "_compared_fields"
"""The class attribute that gives an object's fields as a tuple, of those that count in a comparison."""
_NOT_GIVEN = object()
"""What a field with a factory has for a default."""


def _dataclass(
    *, frozen: bool = False, slots: bool = False, kw_only: bool = False, order: bool = False
) -> Callable[[type[Value]], type[Value]]:
    if order or not frozen:
        return dataclasses.dataclass(frozen=frozen, slots=slots, kw_only=kw_only, order=order)
    # Not `frozen`: that would compile two methods for each class. `_SHARED` has them.
    decorate = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)

    def made(cls: type[Value]) -> type[Value]:
        for name, method in _SHARED.items():
            if vars(cls).get(name) is None:
                setattr(cls, name, method)
        cls.__doc__ = cls.__doc__ or cls.__name__  # else the standard library looks for a signature to write there
        whole = decorate(cls)
        setattr(whole, _COMPARED, _compared(whole))
        if "__init__" not in vars(cls):
            setattr(whole, "__init__", _first_init(whole))  # noqa: B010  mypy refuses the plain assignment
        return whole

    return made


def _first_init(cls: type[Any]) -> Callable[..., None]:
    """Puts the compiled one in its own place."""

    def __init__(self: Any, *arguments: object, **named: object) -> None:
        compiled = cls.__init__ = _compile_init(cls)
        compiled(self, *arguments, **named)

    return __init__


def _compile_init(cls: type[Any]) -> Callable[..., None]:
    fields = dataclasses.fields(cls)
    names: dict[str, Any] = {"_set": object.__setattr__, "_NOT_GIVEN": _NOT_GIVEN}
    names.update({f"_default_{field.name}": field.default for field in fields})
    names.update({f"_make_{field.name}": field.default_factory for field in fields})
    positional = [_parameter(field) for field in fields if field.init and not field.kw_only]
    by_name = [_parameter(field) for field in fields if field.init and field.kw_only]
    parameters = ", ".join(("self", *positional, *(("*", *by_name) if by_name else ())))
    after = ["self.__post_init__()"] if hasattr(cls, "__post_init__") else []
    body = "\n    ".join((*map(_assignment, fields), *after)) or "pass"
    exec(f"def __init__({parameters}):\n    {body}", names)  # noqa: S102  as the standard library: names of fields alone
    made: Callable[..., None] = names["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _parameter(field: "dataclasses.Field[Any]") -> str:
    if field.default_factory is not MISSING:
        return f"{field.name}=_NOT_GIVEN"
    return field.name if field.default is MISSING else f"{field.name}=_default_{field.name}"


def _assignment(field: "dataclasses.Field[Any]") -> str:
    name = field.name
    has_factory = field.default_factory is not MISSING
    if not field.init:
        value = f"_make_{name}()" if has_factory else f"_default_{name}"
    else:
        value = f"_make_{name}() if {name} is _NOT_GIVEN else {name}" if has_factory else name
    return f"_set(self, '{name}', {value})"


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


def _refuse_change(self: Any, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_removal(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:
    return [getattr(self, name) for name in _names(self)]


def _set_state(self: Any, state: list[object]) -> None:
    for name, value in zip(_names(self), state, strict=True):
        object.__setattr__(self, name, value)


def _names(value: Any) -> Iterator[str]:
    return (field.name for field in dataclasses.fields(value))


_SHARED: Mapping[str, Callable[..., Any]] = {
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _repr,
    "__setattr__": _refuse_change,
    "__delattr__": _refuse_removal,
    "__getstate__": _state,
    "__setstate__": _set_state,
}
"""What every frozen class has, unless it says otherwise itself."""

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = _dataclass
