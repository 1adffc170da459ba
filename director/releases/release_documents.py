"""One YAML file of a release, read with a tolerance for unknown keys and none for wrong types.

Takes a file, gives its values by type; what is wrong is added to a list of problems and read as empty. Each document
records which of its keys were read: an unread key is a remark.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.errors import InputError
from director.model.documents import Remark, Source
from director.model.releases.release import UnusedKey
from director.model.secret_ref import Property
from director.model.spans import Path, Spans
from director.text import nearest
from director.text.yaml import reader

_SCALARS = (str, int, float)


@dataclass(frozen=True, slots=True)
class ReleaseFindings:
    """What reading a release's files brings to light: its problems, and the documents read."""

    problems: list[ExplainedError] = field(default_factory=list)
    documents: "list[ReleaseDocument]" = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def unused_keys(self) -> tuple[UnusedKey, ...]:
        """The keys that were not read, in the order of the documents."""
        return tuple(key for document in self.documents for key in document.unused_keys())


class ReleaseDocument:
    """A map at the top of a file, or below `path` in it. `is_broken`: its YAML could not be read at all."""

    is_broken = False

    def __init__(self, tree: Property, spans: Spans, *, problems: list[ExplainedError], path: Path = ()) -> None:
        self.problems = problems
        self._spans = spans
        self._path = path
        self._map: Mapping[str, Property] = {}
        self._asked: set[str] = set()
        self._is_open = False
        self._below: dict[Path, ReleaseDocument] = {}
        if isinstance(tree, Mapping):
            self._map = {str(key): value for key, value in tree.items()}
        elif tree is not None:
            self._wrong(path, "a map")

    def where(self, *keys: str | int) -> str:
        """The place of a value, or of what holds it."""
        return str(self._spans.at((*self._path, *keys)))

    def names(self) -> tuple[str, ...]:
        """The keys of a map whose keys are names: none of them is unused."""
        self._is_open = True
        return tuple(self._map)

    def has(self, key: str) -> bool:
        """Whether the map has the key, whatever it says."""
        self._asked.add(key)
        return key in self._map

    def pass_over(self, *keys: str) -> None:
        """Say that these keys are for people or for BOSH's own tools: that nothing acts on them is no news."""
        self._asked.update(keys)

    def asked_keys(self) -> frozenset[str]:
        """The keys that were read, by their paths: "[]" is a member of a list, "{}" one of a map of names."""
        own = set() if self._is_open else self._asked
        inner = {self._joined(path, key) for path, below in self._below.items() for key in below.asked_keys()}
        return frozenset(own | inner)

    def unused_keys(self) -> Iterator[UnusedKey]:
        """The keys that were not read, here and below."""
        if not self._is_open:
            for key in self._map:
                if key not in self._asked:
                    near = nearest.nearest_word(key, self._asked)
                    yield UnusedKey(key=_printable(key), where=self.where(key), near=near)
        for below in self._below.values():
            yield from below.unused_keys()

    def word(self, key: str) -> str:
        """A string; numbers count as what was written. "" when it is not there."""
        value = self._ask(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, _SCALARS):
            self._wrong((*self._path, key), "a string")
            return ""
        return str(value)

    def number(self, key: str) -> int:
        """A whole number, 0 when it is not there."""
        value = self._ask(key, 0)
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong((*self._path, key), "a whole number")
            return 0
        return value

    def flag(self, key: str) -> bool:
        value = self._ask(key)
        if not isinstance(value, bool | None):
            self._wrong((*self._path, key), "true or false")
        return value is True

    def words(self, key: str) -> tuple[str, ...]:
        """A list of strings, empty when it is not there."""
        found: list[str] = []
        for index, value in enumerate(self._list(key)):
            if isinstance(value, bool) or not isinstance(value, _SCALARS):
                self._wrong((*self._path, key, index), "a string")
            else:
                found.append(str(value))
        return tuple(found)

    def value(self, key: str) -> JsonValue:
        """Anything, None when it is not there."""
        return self._ask(key)  # type: ignore[return-value]  # a release's files hold no references to secrets

    def child(self, key: str) -> "ReleaseDocument":
        """The map below a key, empty when it is not there."""
        return self._document((key,), self._ask(key))

    def children(self, key: str) -> "tuple[ReleaseDocument, ...]":
        """The maps of a list."""
        return tuple(self._document((key, index), value) for index, value in enumerate(self._list(key)))

    def refuse(self, code: str, what: str, *, why: str = "", fix: str, at: Path = ()) -> None:
        """Add a problem that the file has at `at`."""
        self.problems.append(InputError(code, _printable(what), why=_printable(why), fix=fix, where=self.where(*at)))

    def _ask(self, key: str, otherwise: Property = None) -> Property:
        self._asked.add(key)
        return self._map.get(key, otherwise)

    def _document(self, path: Path, value: Property) -> "ReleaseDocument":
        """The same one each time, as it remembers what was asked."""
        if path not in self._below:
            self._below[path] = ReleaseDocument(value, self._spans, problems=self.problems, path=(*self._path, *path))
        return self._below[path]

    def _joined(self, path: Path, key: str) -> str:
        """The path from here of a key of the document below at `path`."""
        step = "{}" if self._is_open else str(path[0])
        step += "[]" if len(path) > 1 else ""
        return f"{step}{key}" if key.startswith("{}") else f"{step}.{key}"

    def _list(self, key: str) -> Sequence[Property]:
        value = self._ask(key)
        if value is None:
            return ()
        if isinstance(value, str) or not isinstance(value, Sequence):
            self._wrong((*self._path, key), "a list")
            return ()
        return value

    def _wrong(self, path: Path, wanted: str) -> None:
        where = str(self._spans.at(path))
        what = f"'{'.'.join(str(step) for step in path) or self._spans.file}' is not {wanted}."
        if any((problem.what, problem.where) == (what, where) for problem in self.problems):
            return  # a value may be read twice
        self.problems.append(
            InputError(
                "release-wrong-type",
                what,
                why="BOSH's release format requires this type.",
                fix=f"Write {wanted} there.",
                where=where,
            )
        )


def read_release_document(content: bytes, name: str, findings: ReleaseFindings) -> ReleaseDocument:
    """Read a file; when its YAML is broken, that is a problem and the document is empty."""
    try:
        document = reader.read_document(Source(name=name, content=content))
    except InputError as error:
        findings.problems.append(error)
        broken = ReleaseDocument(None, Spans(file=name), problems=findings.problems)
        broken.is_broken = True
        return broken
    findings.remarks.extend(replace(remark, text=_printable(remark.text)) for remark in document.remarks)
    findings.documents.append(ReleaseDocument(document.tree, document.spans, problems=findings.problems))
    return findings.documents[-1]


def _printable(text: str) -> str:
    """The text without what a terminal would obey: a release is written by others."""
    return text if text.isprintable() else "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
