"""What differs between two versions of a document, line by line, as BOSH shows it.

Takes two trees, gives lines. Values below `properties` and `bosh` are shown as `<redacted>`, variables by their names;
what is compared are the values themselves.
Source: cloudfoundry/bosh src/bosh-director/lib/bosh/director/manifest/changeset.rb, redactor.rb, diff_lines.rb.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from cpi.contract.value_classes import dataclass
from director.model.configs import DiffLine, LineChange
from director.model.secret_ref import Property
from director.text.yaml import writer

_REDACTED = "<redacted>"
_SECRET_KEYS = frozenset({"properties", "bosh"})
_INDENT = "  "
_VARIABLE = re.compile(r"\(\(!?[-/.\w\d]+\)\)")
_SECTIONS = (
    "azs",
    "vm_types",
    "vm_extensions",
    "compilation",
    "networks",
    "disk_types",
    "name",
    "stemcells",
    "releases",
    "update",
    "addons",
    "variables",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A value, and as it is shown."""

    value: Property
    shown: Property


def diff_trees(before: Property, after: Property) -> tuple[DiffLine, ...]:
    """The lines that differ, section by section in the order of BOSH; none where nothing does."""
    old, new = ({} if tree is None else tree for tree in (before, after))
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return (
            ()
            if old == new
            else (*_lines(redacted(old), 0, LineChange.REMOVED), *_lines(redacted(new), 0, LineChange.ADDED))
        )
    keys = list(dict.fromkeys((*old, *new)))
    ordered = sorted(keys, key=lambda key: _SECTIONS.index(key) if key in _SECTIONS else len(_SECTIONS))
    shown_old, shown_new = (cast(Mapping[str, Property], redacted(tree)) for tree in (old, new))
    lines: list[DiffLine] = []
    for key in ordered:
        pairs = (_of_key(old, shown_old, key), _of_key(new, shown_new, key))
        section = tuple(_diff_key(key, *pairs, depth=0))
        lines.extend([DiffLine(text="")] if lines and section else [])
        lines.extend(section)
    return tuple(lines)


def redacted(tree: Property, *, is_secret: bool = False) -> Property:
    """The tree with `<redacted>` for each scalar below a key that may hold secrets."""
    if isinstance(tree, Mapping):
        return {key: redacted(value, is_secret=is_secret or key in _SECRET_KEYS) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [redacted(value, is_secret=is_secret) for value in tree]
    is_name = isinstance(tree, str) and _VARIABLE.fullmatch(tree)
    return _REDACTED if is_secret and tree is not None and not is_name else tree


def _of_key(tree: Mapping[str, Property], shown: Mapping[str, Property], key: str) -> _Pair | None:
    return None if tree.get(key) is None else _Pair(value=tree[key], shown=shown[key])


def _diff_key(key: str, old: _Pair | None, new: _Pair | None, *, depth: int) -> Iterator[DiffLine]:
    if old is not None and new is not None:
        if old.value == new.value:
            return
        inner: Sequence[DiffLine] = ()
        if isinstance(old.value, Mapping) and isinstance(new.value, Mapping):
            inner = tuple(_diff_maps(old, new, depth=depth + 1))
        elif isinstance(old.value, list | tuple) and isinstance(new.value, list | tuple):
            inner = tuple(_diff_lists(old, new, depth=depth))
        else:
            yield from _lines({key: old.shown}, depth, LineChange.REMOVED)
            yield from _lines({key: new.shown}, depth, LineChange.ADDED)
        if inner:
            yield DiffLine(text=f"{_INDENT * depth}{key}:")
            yield from inner
    elif new is not None:
        yield from _lines({key: new.shown}, depth, LineChange.ADDED)
    elif old is not None:
        yield from _lines({key: old.shown}, depth, LineChange.REMOVED)


def _diff_maps(old: _Pair, new: _Pair, *, depth: int) -> Iterator[DiffLine]:
    trees = [cast(Mapping[str, Property], each) for each in (old.value, old.shown, new.value, new.shown)]
    for key in dict.fromkeys((*trees[0], *trees[2])):
        yield from _diff_key(key, _of_key(trees[0], trees[1], key), _of_key(trees[2], trees[3], key), depth=depth)


def _diff_lists(old: _Pair, new: _Pair, *, depth: int) -> Iterator[DiffLine]:
    """What is in one list alone; entries of the same name, or the same range, are compared with each other."""
    removed, added = _only_in(old, new), _only_in(new, old)
    key = next((key for key in ("name", "range") if all(_has(each, key) for each in (*removed, *added))), "")
    for each in added:
        same = next((one for one in removed if key and _named(one, key) == _named(each, key)), None)
        if same is None:
            yield from _lines([each.shown], depth, LineChange.ADDED)
            continue
        removed.remove(same)
        inner = tuple(_diff_maps(same, each, depth=depth + 1))
        if inner:
            yield from _lines([{key: _named(each, key)}], depth, LineChange.NONE)
            yield from inner
    for each in removed:
        yield from _lines([each.shown], depth, LineChange.REMOVED)


def _only_in(one: _Pair, other: _Pair) -> list[_Pair]:
    values = cast(Sequence[Property], one.value)
    shown, others = cast(Sequence[Property], one.shown), cast(Sequence[Property], other.value)
    return [_Pair(value=value, shown=shown[index]) for index, value in enumerate(values) if value not in others]


def _has(pair: _Pair, key: str) -> bool:
    return isinstance(pair.value, Mapping) and bool(pair.value.get(key))


def _named(pair: _Pair, key: str) -> Property:
    return cast(Mapping[str, Property], pair.value)[key]


def _lines(tree: Property, depth: int, change: LineChange) -> Iterator[DiffLine]:
    for line in writer.write_yaml(tree).splitlines():
        yield DiffLine(text=f"{_INDENT * depth}{line}", change=change)
