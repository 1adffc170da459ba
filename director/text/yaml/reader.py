"""YAML text to a tree that knows where each of its pieces was written.

Takes a Source, gives a Document; everything wrong with the text is an InputError that says where. Scalars follow
yaml.v2 (scalars.py). Of equal keys in one map the last one counts, and of several documents in one file the first: both
are remarks. An anchor may be defined again: the later one counts from there on. Aliases are copied, so that changing
one place never changes another. libyaml does the parsing, PyYAML's own parser where that is absent.
Source: go-yaml/yaml v2.4 decode.go (merge keys count where they stand; not strict; Unmarshal reads one document).
"""

import base64
import binascii
import re
from typing import Any, cast

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from director.errors import InputError
from director.model.documents import Document, Remark, Source
from director.model.secret_ref import Property
from director.text.yaml import scalars, tree

MAX_DEPTH = 200
"""Levels of maps and lists in one document; what walks it may recurse."""
_MAX_NODES = 500_000
_PLAIN, _TEXT = "plain", "text"
_TAGS = "tag:yaml.org,2002:"
_BORDER = re.compile(r"(---|\.\.\.)(\s|$)")


class _Resolving:
    """Instead of PyYAML's resolver: a plain scalar is marked, everything else is text or has its tag.

    The depth is bounded here, because libyaml's composer would overrun the stack.
    """

    depth = 0

    def resolve(self, kind: type[Node], value: str | None, implicit: Any) -> str:
        if kind is ScalarNode:
            return _PLAIN if implicit[0] else _TEXT
        return ""

    def descend_resolver(self, parent: Node | None, _: object) -> None:
        """Count a level down."""
        self.depth += 1
        if self.depth > MAX_DEPTH and parent is not None:
            raise _too_deep(_where(parent))

    def ascend_resolver(self) -> None:
        """Count a level up."""
        self.depth -= 1


class PythonLoader(_Resolving, yaml.SafeLoader):
    """PyYAML's own parser."""


class QuickLoader(_Resolving, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """libyaml where PyYAML was built with it."""


Loader = type[PythonLoader] | type[QuickLoader]


def read_document(source: Source) -> Document:
    """Read one YAML document; an empty file is None. Codes: yaml-broken, yaml-too-big.

    Remarks: yaml-duplicate-key, yaml-second-document.
    """
    return read_with(QuickLoader, source)


def read_with(loader: Loader, source: Source) -> Document:
    """Read one YAML document with a parser of one's choice."""
    try:
        root, has_more = _compose(loader, source)
    except yaml.YAMLError as error:
        raise _broken(error, source) from error
    maker = _Maker()
    made = maker.make(root) if root is not None else None
    remarks = (*maker.remarks.values(), *([_second_document(source, root)] if has_more and root else []))
    return Document(tree=cast(Property, made), spans=tree.spans_of(made, source.name), remarks=remarks)


def read_texts(source: Source) -> Property:
    """Read a document that `read_document` can read, each scalar as it is written; null alone is None.

    What a program in Go gets where it asks for text.
    """
    root, _ = _compose(QuickLoader, source)
    return cast(Property, _TextMaker().make(root) if root is not None else None)


def _compose(loader: Loader, source: Source) -> tuple[Node | None, bool]:
    """The first document, and whether another one follows."""
    try:
        return _first_of(loader(_Stream(source)))
    except yaml.composer.ComposerError as error:
        if not str(error.context).startswith("found duplicate anchor"):
            raise
    return _first_of(_Redefining(QuickLoader(_Stream(source))))


def _first_of(composer: Any) -> tuple[Node | None, bool]:
    root = composer.get_node() if composer.check_node() else None
    return root, composer.check_node()


class _Redefining(_Resolving, yaml.composer.Composer):
    """Takes an anchor that is defined again, as YAML allows: aliases after it mean the later one.

    PyYAML's composers refuse it; this one composes a parser's events, slower than libyaml does.
    """

    def __init__(self, parser: Any) -> None:
        super().__init__()
        self.check_event, self.peek_event, self.get_event = parser.check_event, parser.peek_event, parser.get_event

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Forget an anchor before the node that defines it again."""
        if not self.check_event(yaml.AliasEvent):
            self.anchors.pop(self.peek_event().anchor, None)
        return super().compose_node(parent, index)


class _Stream:
    """Bytes with a name, so that the parser's marks carry the file."""

    def __init__(self, source: Source) -> None:
        self.name = source.name
        self._rest = source.content

    def read(self, size: int = -1, /) -> bytes:
        end = len(self._rest) if size < 0 else size
        piece, self._rest = self._rest[:end], self._rest[end:]
        return piece


class _Maker:
    """Makes values of nodes; counts them, because aliases can multiply without end."""

    def __init__(self) -> None:
        self.remarks: dict[str, Remark] = {}
        self._depth = 0
        self._nodes = 0
        self._known: dict[str, scalars.Scalar] = {}

    def make(self, node: Node) -> tree.Node:
        if type(node) is ScalarNode:
            return self._scalar(node)
        self._depth += 1
        self._nodes += len(node.value)
        if self._depth > MAX_DEPTH or self._nodes > _MAX_NODES:
            raise _too_deep(_where(node)) if self._depth > MAX_DEPTH else _too_big(_where(node))
        made = self._list(node) if type(node) is SequenceNode else self._map(node)
        self._depth -= 1
        return made

    def _scalar(self, node: ScalarNode) -> scalars.Scalar:
        value: str = node.value
        if node.tag == _PLAIN:
            if value not in self._known:
                self._known[value] = scalars.resolve_scalar(value)
            return self._known[value]
        return value if node.tag == _TEXT else _tagged(node)

    def _list(self, node: Node) -> tree.TracedList:
        items = tree.TracedList()
        for item in node.value:
            items.append(self._scalar(item) if type(item) is ScalarNode else self.make(item))
            items.marks.append(item.start_mark)
        return items

    def _map(self, node: Node) -> tree.TracedMap:
        made = tree.TracedMap()
        own: set[tree.Key] = set()
        for key_node, value_node in node.value:
            if key_node.tag == _PLAIN and key_node.value == "<<":
                self._merge(made, value_node)
                continue
            if type(key_node) is not ScalarNode:
                raise _bad_key(key_node)
            key = self._scalar(key_node)
            if key in own:
                self._remark_duplicate(key_node, made.marks[key])
            own.add(key)
            made[key] = self._scalar(value_node) if type(value_node) is ScalarNode else self.make(value_node)
            made.marks[key] = key_node.start_mark
        return made

    def _remark_duplicate(self, node: Node, first: tree.Mark) -> None:
        """Once for each place: aliases bring it again."""
        place = str(tree.span_of(first))
        text = f"Key '{node.value}' is written again in the same map ({_where(node)}): the last one counts."
        self.remarks[place] = Remark(code="yaml-duplicate-key", text=text, where=place)

    def _merge(self, into: tree.TracedMap, node: Node) -> None:
        """Put another map's keys in, over those before it; of several maps the first wins."""
        for source in reversed(node.value) if type(node) is SequenceNode else [node]:
            if type(source) is not MappingNode:
                raise _bad_merge(source)
            merged = self.make(source)
            if isinstance(merged, tree.TracedMap):
                into.update(merged)
                into.marks.update(merged.marks)


class _TextMaker(_Maker):
    """Makes the same of nodes, but that scalars stay text."""

    def _scalar(self, node: ScalarNode) -> scalars.Scalar:
        is_null = node.tag == _PLAIN and scalars.resolve_scalar(node.value) is None
        return None if is_null else str(node.value)


def _tagged(node: ScalarNode) -> scalars.Scalar:
    """The value of a scalar with an explicit tag; a tag we do not know says nothing."""
    wanted = str(node.tag).removeprefix(_TAGS)
    text: str = node.value
    if wanted == "binary":
        return _decoded(node)
    if wanted not in {"bool", "int", "float", "null", "timestamp"}:
        return text
    kind, value = scalars.resolve_kind(text)
    if wanted == "float" and kind == "int" and isinstance(value, int):
        return float(value)
    if kind != wanted:
        raise InputError(
            "yaml-broken", f"'{text}' is not a {wanted}.", why=f"It is tagged !!{wanted}.", where=_where(node),
            fix="Correct the value or drop the tag.",
        )  # fmt: skip
    return value


def _decoded(node: ScalarNode) -> str:
    try:
        return base64.b64decode("".join(node.value.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InputError(
            "yaml-broken", "A !!binary value is not base64 of text.", where=_where(node), fix="Write it as plain text."
        ) from error


def _where(node: Node) -> str:
    return str(tree.span_of(node.start_mark))


def _broken(error: yaml.YAMLError, source: Source) -> InputError:
    if isinstance(error, yaml.reader.ReaderError):
        return _forbidden_character(error, source)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
    context = getattr(error, "context", None) or ""
    return InputError(
        "yaml-broken",
        f"{source.name} is not valid YAML: {problem}.",
        why=f"{context.capitalize()}." if context else "",
        fix="Correct the text at that place; look one line above too.",
        where=str(tree.span_of(mark)) if mark else source.name,
    )


def _second_document(source: Source, first: Node) -> Remark:
    """It begins at the first mark of a document's border after the first one; libyaml does not tell where."""
    after = first.end_mark.line + bool(first.end_mark.column)
    lines = source.content.decode(errors="replace").splitlines()
    line = next((at for at in range(after, len(lines)) if _BORDER.match(lines[at])), after)
    text = f"{source.name} has more than one YAML document: only the first is read."
    return Remark(code="yaml-second-document", text=text, where=f"{source.name}:{line + 1}:1")


def _forbidden_character(error: yaml.reader.ReaderError, source: Source) -> InputError:
    before = source.content[: error.position].split(b"\n")
    return InputError(
        "yaml-broken",
        f"{source.name} is not valid YAML: {error.reason}.",
        why=f"It is at byte {error.position}.",
        fix="Remove it, or name another file: this one may not be a text file.",
        where=f"{source.name}:{len(before)}:{len(before[-1]) + 1}",
    )


def _bad_key(node: Node) -> InputError:
    return InputError(
        "yaml-broken", "A map or a list is used as a key.", where=_where(node),
        fix="Write keys as plain text; quote one that begins with { or [.",
    )  # fmt: skip


def _bad_merge(node: Node) -> InputError:
    return InputError(
        "yaml-broken", "'<<' needs a map or a list of maps.", where=_where(node),
        fix="Point it at an anchored map.",
    )  # fmt: skip


def _too_deep(where: str) -> InputError:
    return InputError(
        "yaml-too-big", f"The document nests deeper than {MAX_DEPTH} levels.", where=where,
        why="An alias may contain itself.", fix="Flatten it, or break the cycle of aliases.",
    )  # fmt: skip


def _too_big(where: str) -> InputError:
    return InputError(
        "yaml-too-big", f"The document has more than {_MAX_NODES} values once its aliases are copied.", where=where,
        fix="Split it, or use fewer aliases within aliases.",
    )  # fmt: skip
