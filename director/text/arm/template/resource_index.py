"""The resources of a template by all that may name them.

Takes instances, gives those that a word means: a symbolic name, an identifier, type and name, a name, a loop.
"""

from collections.abc import Iterable

from director.text.arm.template.instances import Instances, ResourceInstance, type_and_name

_PROVIDERS = "/providers/"


class ResourceIndex:
    """All words are compared ignoring case; a symbolic name wins over a loop, that over a name.

    Last comes the last part of a name: public templates wait for `CreateForest` where it is `vm/CreateForest`.
    """

    def __init__(self, instances: Instances) -> None:
        self._loops = instances.loops
        self._tables: tuple[dict[str, list[ResourceInstance]], ...] = ({}, {}, {}, {}, {}, {})
        symbols, loops, ids, paths, names, last_parts = self._tables
        for each in instances.all:
            _put(symbols, [each.symbol, each.symbol_title], each)
            _put(loops, [each.loop.name] if each.loop else [], each)
            _put(ids, [each.resource_id], each)
            _put(paths, [type_and_name(each.type, each.name)] if isinstance(each.name, str) and each.type else [], each)
            _put(names, [each.name] if isinstance(each.name, str) else [], each)
            _put(last_parts, [each.name.rpartition("/")[2]] if isinstance(each.name, str) else [], each)

    def find(self, word: str) -> tuple[ResourceInstance, ...] | None:
        """The instances that a word means; none for a loop that runs no times, None if the template has none."""
        key = _clean(word)
        for table in self._tables:
            if key in table:
                return tuple(table[key])
        return () if key in self._loops else None

    def find_one(self, word: str) -> ResourceInstance | None:
        """The only instance that a word means, or None; deployed ones come before those that are skipped."""
        found = self.find(word) or ()
        wanted = [each for each in found if each.is_wanted is not False]
        return next(iter(wanted or found), None)

    @property
    def words(self) -> tuple[str, ...]:
        """What may be named, as a message lists it."""
        found = [each for table in (self._tables[0], self._tables[4]) for rows in table.values() for each in rows]
        return tuple(dict.fromkeys(each.symbol or str(each.name) for each in found))


def short_id(word: str) -> str:
    """An identifier without its scope."""
    return word.rpartition(_PROVIDERS)[2] if word.startswith("/") else word


def _put(table: dict[str, list[ResourceInstance]], words: Iterable[str], instance: ResourceInstance) -> None:
    for word in dict.fromkeys(_clean(word) for word in words if word):
        table.setdefault(word, []).append(instance)


def _clean(word: str) -> str:
    return word.rstrip("/").lower()
