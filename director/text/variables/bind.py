"""((name)) for the director: plain values are filled in, secrets become names, everything else is a problem.

Takes a Document, plain values, and the names that the vault will know; gives a Document whose leaves may be SecretRef
or SecretText. A secret's value is never here. What a plain value says wins over a definition, which then leaves
`variables:`, so that nothing is generated in vain.
"""

from collections.abc import Collection, Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.documents import Document, Remark
from director.model.secret_ref import Property, SecretRef, SecretText
from director.model.spans import Path
from director.model.written.ops_file import Operation
from director.text import nearest
from director.text.ops import misses
from director.text.variables import definitions, interpolate, lookup, placeholders
from director.text.variables.placeholders import Placeholder


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A document with everything resolved that could be; `problems` are those that could not, in order.

    `open_properties` are those of values of job properties: BOSH resolves only what a job declares, which is known once
    the releases are read. `changes` are the operations that were applied to it; `remarks` are about parts of its files
    that are not read.
    """

    document: Document
    problems: tuple[InputError, ...] = ()
    open_properties: tuple[InputError, ...] = ()
    changes: tuple[Operation, ...] = ()
    remarks: tuple[Remark, ...] = ()


_OF_PUBLIC_NAMES = ("_public_ip", "_public_host")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
    """What names mean: `values` are plain, `secrets` are in the vault already or will be."""

    values: Mapping[str, Property] = field(default_factory=dict, repr=False)
    secrets: Collection[str] = ()


def bind_document(document: Document, known: KnownNames) -> Bound:
    """Resolve every placeholder. Codes of the problems: unresolved-variable, variable-field-missing,
    variable-in-text, secret-in-key.
    """
    left = definitions.without_definitions(document, known.values.keys())
    defined = {definition.name for definition in definitions.find_definitions(left)}
    binder = _Binder(left, KnownNames(values=known.values, secrets=defined | set(known.secrets)))
    tree = binder.bind(left.tree, ())
    return Bound(
        document=Document(tree=tree, spans=left.spans),
        problems=tuple(binder.problems),
        open_properties=tuple(binder.open_properties),
    )


def _fix_without(name: str) -> str:
    """A public name of the landing zone gives two variables, its address and its host name."""
    public = next((name.removesuffix(end) for end in _OF_PUBLIC_NAMES if name.endswith(end)), "")
    if public:
        return f"Add '{public}' to `public_names` of the environment file, or give it with -v {name}=...."
    return f"Give it with -v {name}=..., or define it in 'variables:'."


def _why_without(name: str) -> str:
    if name.startswith("/"):
        return "It is neither given nor defined in 'variables:', and no deployment of the environment has it."
    return "It is neither given on the command line nor defined in 'variables:'."


def _is_property(path: Path) -> bool:
    """Whether it leads into values of job properties. Source: cloudfoundry/bosh variables_interpolator.rb @96f9135."""
    match path:
        case ("properties", _, *_) | ("instance_groups" | "addons", _, "properties", _, *_):
            return True
        case ("instance_groups" | "addons", _, "jobs", _, "properties", _, *_):
            return True
    return False


class _Binder:
    def __init__(self, document: Document, known: KnownNames) -> None:
        self._spans = document.spans
        self._known = known
        self._values = lookup.Lookup(known.values)
        self.problems: list[InputError] = []
        self.open_properties: list[InputError] = []

    def bind(self, node: Property, path: Path) -> Property:
        if isinstance(node, str):
            return self._text(node, path) if "((" in node else node
        if isinstance(node, Mapping):
            return {self._key(key, path): self.bind(value, (*path, key)) for key, value in node.items()}
        if isinstance(node, (list, tuple)):
            return [self.bind(item, (*path, index)) for index, item in enumerate(node)]
        return node

    def _key(self, key: str, path: Path) -> str:
        if not isinstance(key, str) or "((" not in key:
            return key
        bound = self._text(key, (*path, key))
        if isinstance(bound, (SecretRef, SecretText, Mapping, list, tuple)):
            self.problems.append(self._secret_key(key, path))
            return key
        return bound  # type: ignore[return-value]  # a key may become any scalar, as in YAML

    def _text(self, text: str, path: Path) -> Property:
        found = placeholders.find_placeholders(text)
        if len(found) == 1 and placeholders.is_whole(text, found[0]):
            return self._resolve(found[0], path)
        pieces: list[str | SecretRef] = []
        for piece in placeholders.split_at(text, found):
            word = piece if isinstance(piece, str) else self._embedded(piece, path)
            if isinstance(word, str) and pieces and isinstance(pieces[-1], str):
                word = f"{pieces.pop()}{word}"
            pieces.append(word)
        if len(pieces) == 1 and isinstance(pieces[0], str):
            return pieces[0]
        return SecretText(parts=tuple(pieces))

    def _embedded(self, placeholder: Placeholder, path: Path) -> str | SecretRef:
        value = self._resolve(placeholder, path)
        if isinstance(value, SecretRef):
            return value
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return str(value)
        self.problems.append(interpolate.not_embeddable(value, placeholder, str(self._spans.at(path))))
        return ""

    def _resolve(self, placeholder: Placeholder, path: Path) -> Property:
        """Give the value, or the secret's name; a problem gives the placeholder back as text."""
        name = placeholder.name
        if name in self._known.values:
            return self._value_of(placeholder, path)
        if name in self._known.secrets:
            return SecretRef(name=name, path=placeholder.path)
        problems = self.open_properties if _is_property(path) else self.problems
        problems.append(self._unresolved(name, path))
        return f"(({placeholder.whole_name}))"

    def _value_of(self, placeholder: Placeholder, path: Path) -> Property:
        try:
            return self._values.field_of(placeholder.name, placeholder.path)[1]
        except misses.PathMiss as miss:
            where = str(self._spans.at(path))
            self.problems.append(interpolate.field_missing(miss, placeholder, where))
            return f"(({placeholder.whole_name}))"

    def _unresolved(self, name: str, path: Path) -> InputError:
        near = nearest.nearest_word(name, {*self._known.values, *self._known.secrets})
        return InputError(
            "unresolved-variable",
            f"Variable '{name}' has no value and no definition.",
            why=f"A similar name is '{near}'." if near else _why_without(name),
            fix=f"Write (({near}))." if near else _fix_without(name),
            where=str(self._spans.at(path)),
        )

    def _secret_key(self, key: str, path: Path) -> InputError:
        return InputError(
            "secret-in-key",
            f"Key '{key}' contains a variable that is not allowed in a key.",
            why="Keys appear in plans and reports, so they cannot be secrets, maps or lists.",
            fix="Use a plain text variable there.",
            where=str(self._spans.at((*path, key))),
        )
