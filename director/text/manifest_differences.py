"""What of a manifest differs from the deployed one, value by value.

Takes two trees, gives differences in the order of the new manifest. Variables are shown by their names; a value whose
key names a secret is not shown.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from director.model.secret_ref import Property
from director.model.tasks.plan import ManifestDifference

HIDDEN = "<redacted>"
_SHOWN = 60
"""So many characters of a value are shown."""
_SECRET = re.compile(r"pass(word|wd|phrase)?($|_)|secret|token|credential|private|(^|_)key($|_)|_key$", re.IGNORECASE)
_VARIABLE = re.compile(r"\(\([^()]+\)\)")
_NOUNS = {"releases": "release", "stemcells": "stemcell", "variables": "variable", "addons": "addon", "jobs": "job"}
_NAMED_BY = {"stemcells": "alias"}


def manifest_differences(before: Property, after: Property) -> tuple[ManifestDifference, ...]:
    """Each value that is not the same in both; a list of things with names is compared name by name."""
    old, new = _map(before), _map(after)
    found: list[ManifestDifference] = []
    for key in _keys(old, new):
        if key == "instance_groups":
            found.extend(_of_groups(_named(old.get(key), "name"), _named(new.get(key), "name")))
        else:
            found.extend(_differences("", key, old.get(key), new.get(key)))
    return tuple(found)


def _of_groups(old: Mapping[str, Property], new: Mapping[str, Property]) -> Iterator[ManifestDifference]:
    """Groups that are in one manifest alone are seen by their instances."""
    for name in _keys(old, new):
        if name not in old or name not in new:
            continue
        was, wanted = _map(old[name]), _map(new[name])
        for key in _keys(was, wanted):
            yield from _differences(name, key, was.get(key), wanted.get(key))


def _differences(group: str, key: str, old: Property, new: Property) -> Iterator[ManifestDifference]:
    noun, named_by = _NOUNS.get(key), _NAMED_BY.get(key, "name")
    if noun is None:
        yield from _values(group, key, old, new)
        return
    was, wanted = _named(old, named_by), _named(new, named_by)
    if (old and not was) or (new and not wanted):
        yield from _values(group, key, old, new)
        return
    for name in _keys(was, wanted):
        path = f"{noun} {name}"
        if name not in was or name not in wanted:
            there = None if name not in was else "there"
            yield ManifestDifference(group=group, path=path, before=there, after=None if there else "there")
            continue
        yield from _of_part(group, path, _map(was[name]), _map(wanted[name]))


def _of_part(
    group: str, path: str, old: Mapping[str, Property], new: Mapping[str, Property]
) -> Iterator[ManifestDifference]:
    """Properties go by their own names, everything else of a job or a release by its key."""
    for key in _keys(old, new):
        if key == "properties":
            was, wanted = _map(old.get(key)), _map(new.get(key))
            for name in _keys(was, wanted):
                yield from _values(group, f"{path}: {name}", was.get(name), wanted.get(name))
        else:
            yield from _values(group, f"{path}: {key}", old.get(key), new.get(key))


def _values(group: str, path: str, old: Property, new: Property) -> Iterator[ManifestDifference]:
    """Maps are compared key by key, anything else whole."""
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old and new:
        for key in _keys(old, new):
            yield from _values(group, f"{path}.{key}", old.get(key), new.get(key))
        return
    is_secret = bool(_SECRET.search(path.rpartition(": ")[2].rpartition(".")[2]))
    yield ManifestDifference(
        group=group, path=path, before=_text(old, is_secret=is_secret), after=_text(new, is_secret=is_secret)
    )


def _text(value: Property, *, is_secret: bool) -> str | None:
    if value is None:
        return None
    if is_secret and not (isinstance(value, str) and _VARIABLE.fullmatch(value)):
        return HIDDEN
    text = json.dumps(_without_secrets(value), ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _without_secrets(value: Property) -> object:
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if _SECRET.search(key) and not isinstance(member, Mapping) else _without_secrets(member)
            for key, member in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_without_secrets(member) for member in value]
    return value


def _named(value: Property, named_by: str) -> Mapping[str, Property]:
    """The entries of a list by their names; empty where one has none or two have the same."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return {}
    found = {str(_map(each).get(named_by)): each for each in value if _map(each).get(named_by)}
    return found if len(found) == len(value) else {}


def _map(value: Property) -> Mapping[str, Property]:
    return value if isinstance(value, Mapping) else {}


def _keys(old: Mapping[str, Property], new: Mapping[str, Property]) -> list[str]:
    return list(dict.fromkeys((*new, *old)))
