"""Values of variables by name: given ones, then the store, then new ones; and which names were looked up.

Takes values, definitions and a way to make values, gives a Lookup that remembers what was found, missing and made.
Source: cloudfoundry/bosh-cli director/template/template.go (varsTracker), cmd/opts/vars_fs_store.go.
"""

from collections.abc import Callable, Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.secret_ref import Property
from director.text.ops import misses, seek
from director.text.ops.paths import IndexToken, KeyToken, Token
from director.text.variables import interpolate


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An entry of `variables:`; it has the fields of model.desired.VariableSpec, which is slower to import."""

    name: str
    type: str = ""
    options: Mapping[str, Property] = field(default_factory=dict)
    where: str = ""


Mint = Callable[[Definition, Callable[[str], Property]], Property]
"""Makes a value. The second argument gives another variable's value by name (a certificate's CA)."""


class Lookup:
    """Answers for names, and keeps count. `made` holds what was newly made, for the store."""

    def __init__(
        self,
        values: Mapping[str, Property],
        definitions: tuple[Definition, ...] = (),
        *,
        store: Mapping[str, Property] | None = None,
        mint: Mint | None = None,
    ) -> None:
        self._values = values
        self._store = store or {}
        self._mint = mint
        self._definitions = {definition.name: definition for definition in reversed(definitions)}
        self._asking: tuple[str, ...] = ()
        self.made: dict[str, Property] = {}
        self.found: set[str] = set()
        self.missing: set[str] = set()

    def value_of(self, name: str) -> tuple[bool, Property]:
        """Say whether the variable has a value, and give it; make it if its definition has a type."""
        if name in self._asking:
            raise _recursion(name, self._asking)
        definition = self._with_options(name)
        if definition is None:
            return False, None
        if name in self._values:
            return self._answer(name, self._values[name])
        stored = self.made if name in self.made else self._store
        if name in stored:
            return self._answer(name, stored[name])
        if definition.type and self._mint:
            self.made[name] = self._mint(definition, self._needed)
            return self._answer(name, self.made[name])
        self.missing.add(name)
        return False, None

    def field_of(self, name: str, path: tuple[str, ...]) -> tuple[bool, Property]:
        """Like value_of, then descend into the value; a missing part is a PathMiss."""
        is_found, value = self.value_of(name)
        for depth, part in enumerate(path, start=1) if is_found else ():
            value = _enter(value, path[:depth], part)
        return is_found, value

    def unused(self) -> list[str]:
        """Names whose value was not used, sorted."""
        return sorted({*self._values, *self._store} - self.found)

    def _answer(self, name: str, value: Property) -> tuple[bool, Property]:
        self.found.add(name)
        return True, value

    def _with_options(self, name: str) -> Definition | None:
        """The definition with its options filled in; None if one of those has no value."""
        definition = self._definitions.get(name, Definition(name=name))
        if not definition.options:
            return definition
        missing, self.missing = self.missing, set()
        self._asking = (*self._asking, name)
        options = interpolate.fill_in(definition.options, self)
        self._asking = self._asking[:-1]
        is_whole = not self.missing
        self.missing |= missing
        if not is_whole:
            return None
        return Definition(name=name, type=definition.type, options=options, where=definition.where)  # type: ignore[arg-type]

    def _needed(self, name: str) -> Property:
        is_found, value = self.value_of(name)
        if is_found:
            return value
        raise InputError(
            "unresolved-variable",
            f"Expected to find variables: {name}",
            why="Another variable is made with it.",
            fix="Define it above the one that needs it, or give it with -v or --var-file.",
        )


def _enter(value: Property, path: tuple[str, ...], part: str) -> Property:
    tokens: list[Token] = [KeyToken(key=word) for word in path]
    if isinstance(value, (list, tuple)) and part.lstrip("-").isdigit():
        tokens[-1] = IndexToken(index=int(part))
        index = seek.concrete_index(int(part), (), size=len(value), here=tuple(tokens))
        return value[index]  # type: ignore[no-any-return]
    if not isinstance(value, Mapping):
        raise misses.not_a_map(tuple(tokens), value)
    if part not in value:
        raise misses.missing_key(tuple(tokens), part, value)
    return value[part]


def _recursion(name: str, asking: tuple[str, ...]) -> InputError:
    return InputError(
        "variable-recursion",
        f"Interpolating variable '{asking[0]}' definition options: Finding variable '{name}': Detected recursion",
        why=" needs ".join(f"'{step}'" for step in (*asking, name)) + ".",
        fix="Break the cycle in the definitions' options.",
    )
