"""One YAML file of a release, read with a tolerance for unknown keys and none for wrong types.

Takes a file, gives its values by type; what is wrong is added to a list of problems and read as empty.
"""

from collections.abc import Mapping, Sequence

from cpi.errors import ExplainedError
from cpi.values import JsonValue
from director.errors import InputError
from director.model.documents import Source
from director.model.secret_ref import Property
from director.model.spans import Path, Spans
from director.text import reader

_SCALARS = (str, int, float)


class ReleaseDocument:
    """A map at the top of a file, or below `path` in it. `is_broken`: its YAML could not be read at all."""

    is_broken = False

    def __init__(self, tree: Property, spans: Spans, *, problems: list[ExplainedError], path: Path = ()) -> None:
        self.problems = problems
        self._spans = spans
        self._path = path
        self._map: Mapping[str, Property] = {}
        if isinstance(tree, Mapping):
            self._map = {str(key): value for key, value in tree.items()}
        elif tree is not None:
            self._wrong(path, "a map")

    def where(self, *keys: str | int) -> str:
        """The place of a value, or of what holds it."""
        return str(self._spans.at((*self._path, *keys)))

    def names(self) -> tuple[str, ...]:
        """The keys of the map."""
        return tuple(self._map)

    def word(self, key: str) -> str:
        """A string; numbers count as what was written. "" when it is not there."""
        value = self._map.get(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, _SCALARS):
            self._wrong((*self._path, key), "a string")
            return ""
        return str(value)

    def number(self, key: str) -> int:
        """A whole number, 0 when it is not there."""
        value = self._map.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong((*self._path, key), "a whole number")
            return 0
        return value

    def flag(self, key: str) -> bool:
        value = self._map.get(key)
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
        return self._map.get(key)  # type: ignore[return-value]  # a release's files hold no references to secrets

    def child(self, key: str) -> "ReleaseDocument":
        """The map below a key, empty when it is not there."""
        return ReleaseDocument(self._map.get(key), self._spans, problems=self.problems, path=(*self._path, key))

    def children(self, key: str) -> "tuple[ReleaseDocument, ...]":
        """The maps of a list."""
        return tuple(
            ReleaseDocument(value, self._spans, problems=self.problems, path=(*self._path, key, index))
            for index, value in enumerate(self._list(key))
        )

    def refuse(self, code: str, what: str, *, why: str = "", fix: str, at: Path = ()) -> None:
        """Add a problem that the file has at `at`."""
        self.problems.append(InputError(code, _printable(what), why=_printable(why), fix=fix, where=self.where(*at)))

    def _list(self, key: str) -> Sequence[Property]:
        value = self._map.get(key)
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
            return  # a value may be asked for twice
        self.problems.append(
            InputError(
                "release-wrong-type",
                what,
                why="BOSH's release format wants it to be.",
                fix=f"Write {wanted} there.",
                where=where,
            )
        )


def read_release_document(content: bytes, name: str, problems: list[ExplainedError]) -> ReleaseDocument:
    """Read a file; when its YAML is broken, that is a problem and the document is empty."""
    try:
        document = reader.read_document(Source(name=name, content=content))
    except InputError as error:
        problems.append(error)
        broken = ReleaseDocument(None, Spans(file=name), problems=problems)
        broken.is_broken = True
        return broken
    return ReleaseDocument(document.tree, document.spans, problems=problems)


def _printable(text: str) -> str:
    """The text without what a terminal would obey: a release is written by others."""
    return text if text.isprintable() else "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
