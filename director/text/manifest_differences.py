"""What of a manifest differs from the deployed one, value by value.

Takes two trees, gives differences in the order of the new manifest. Variables are shown by their names. A value is not
shown if its key, or a key above it, names a secret, or if it looks like one: a private key, an address with a password.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.model.documents import Source
from director.model.secret_ref import Property
from director.model.tasks.plan import THERE, ManifestDifference
from director.text.yaml import reader

HIDDEN = "<redacted>"
_SHOWN = 60
"""So many characters of a value are shown."""
_SECRET_KEY = re.compile(
    r"pass(word|wd|phrase)|secret|token|credential|private|connection_?string|(api|access)_?keys?"
    r"|(^|[_-])(pass|pwd?|psk|keys?|dsn)\d*($|[_-])|(?-i:[a-z](Pass|Pwd|Keys?)$)",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY|[a-z]://[^/\s:@]{0,200}:(?!\(\()[^\s@/]{1,400}@", re.IGNORECASE
)
_VARIABLE = re.compile(r"\(\([^()]+\)\)")
_NOUNS = {"releases": "release", "stemcells": "stemcell", "variables": "variable", "addons": "addon", "jobs": "job"}
_NAMED_BY = {"stemcells": "alias"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Versions:
    """A value as deployed, and as it is now; None where there is none."""

    before: Property
    after: Property

    def each_key(self) -> Iterator[tuple[str, "_Versions"]]:
        """The values of both maps, by key; none where there are no maps."""
        return self._pairs(_map(self.before), _map(self.after))

    def each_named(self, named_by: str) -> Iterator[tuple[str, "_Versions"]]:
        """The entries of both lists, by name."""
        return self._pairs(_named(self.before, named_by), _named(self.after, named_by))

    def is_list_of_names(self, named_by: str) -> bool:
        """Whether all entries of both have names."""
        return all(bool(_named(each, named_by)) for each in (self.before, self.after) if each)

    def _pairs(
        self, before: Mapping[str, Property], after: Mapping[str, Property]
    ) -> Iterator[tuple[str, "_Versions"]]:
        for key in dict.fromkeys((*after, *before)):
            yield key, _Versions(before=before.get(key), after=after.get(key))


def is_secret_key(key: str) -> bool:
    """Whether the key of a value names a secret."""
    return _SECRET_KEY.search(key) is not None


def text_differences(before: str, after: str) -> tuple[ManifestDifference, ...]:
    """The same of two manifests as YAML."""
    if before == after:
        return ()
    trees = [reader.read_document(Source(name="manifest", content=text.encode())).tree for text in (before, after)]
    return manifest_differences(*trees)


def manifest_differences(before: Property, after: Property) -> tuple[ManifestDifference, ...]:
    """Each value that is not the same in both; a list of things with names is compared name by name."""
    return tuple(_of_manifest(_Versions(before=before, after=after)))


def _of_manifest(manifests: _Versions) -> Iterator[ManifestDifference]:
    for key, values in manifests.each_key():
        if key != "instance_groups":
            yield from _of_key(key, values)
            continue
        former = _named(values.before, "name")
        for group, both in values.each_named("name"):
            before = next((former[name] for name in (group, *_former_names(both.after)) if name in former), None)
            yield from _of_group(group, _Versions(before=before, after=both.after))


def _of_group(group: str, both: _Versions) -> Iterator[ManifestDifference]:
    """Nothing of a group that is in one manifest alone: its instances come or go."""
    if both.before is not None and both.after is not None:
        for key, values in both.each_key():
            yield from _of_key(key, values, group=group)


def _former_names(group: Property) -> tuple[str, ...]:
    """The names that the manifest says a group had before."""
    return tuple(_named(_map(group).get("migrated_from"), "name"))


def _of_key(key: str, values: _Versions, *, group: str = "") -> Iterator[ManifestDifference]:
    noun, named_by = _NOUNS.get(key), _NAMED_BY.get(key, "name")
    if noun is None or not values.is_list_of_names(named_by):
        yield from _of_value(key, values, group=group)
        return
    for name, both in values.each_named(named_by):
        path = f"{noun} {name}"
        if both.before is None or both.after is None:
            before, after = (THERE if each is not None else None for each in (both.before, both.after))
            yield ManifestDifference(group=group, path=path, before=before, after=after)
        else:
            yield from _of_part(path, both, group=group)


def _of_part(path: str, parts: _Versions, *, group: str) -> Iterator[ManifestDifference]:
    """Properties go by their own names, everything else of a job or a release by its key."""
    for key, values in parts.each_key():
        if key == "properties":
            for name, of_property in values.each_key():
                yield from _of_value(f"{path}: {name}", of_property, group=group)
        else:
            yield from _of_value(f"{path}: {key}", values, group=group)


def _of_value(path: str, values: _Versions, *, group: str) -> Iterator[ManifestDifference]:
    """Maps are compared key by key, anything else whole."""
    if values.before == values.after:
        return
    if _map(values.before) and _map(values.after):
        for key, each in values.each_key():
            yield from _of_value(f"{path}.{key}", each, group=group)
        return
    is_secret = any(map(is_secret_key, path.rpartition(": ")[2].split(".")))
    before, after = (_text(each, is_secret=is_secret) for each in (values.before, values.after))
    yield ManifestDifference(group=group, path=path, before=before, after=after)


def _text(value: Property, *, is_secret: bool) -> str | None:
    if value is None:
        return None
    if is_secret and not (isinstance(value, str) and _VARIABLE.fullmatch(value)):
        return HIDDEN
    text = json.dumps(_without_secrets(value), ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _without_secrets(value: Property) -> object:
    if isinstance(value, Mapping):
        return {key: HIDDEN if is_secret_key(key) else _without_secrets(member) for key, member in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_without_secrets(member) for member in value]
    return HIDDEN if isinstance(value, str) and _SECRET_VALUE.search(value) else value


def _named(value: Property, named_by: str) -> Mapping[str, Property]:
    """The entries of a list by their names; empty where one has none or two have the same."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return {}
    found = {str(_map(each).get(named_by)): each for each in value if _map(each).get(named_by)}
    return found if len(found) == len(value) else {}


def _map(value: Property) -> Mapping[str, Property]:
    return value if isinstance(value, Mapping) else {}
