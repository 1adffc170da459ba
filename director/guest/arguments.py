"""A verb's JSON arguments, read with their types checked.

Takes a decoded JSON object, gives typed values; a wrong one raises GuestError `bad-arguments`.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Dict, List, Mapping, Optional

from director.guest.failures import GuestError


class Arguments:
    def __init__(self, verb: str, raw: Mapping[str, Any]) -> None:
        self._verb = verb
        self.raw = raw

    def text(self, name: str, default: Optional[str] = None) -> str:
        value = self.raw.get(name, default)
        return value if isinstance(value, str) else self._refuse(name, "a string")

    def flag(self, name: str) -> bool:
        value = self.raw.get(name, False)
        return value if isinstance(value, bool) else bool(self._refuse(name, "true or false"))

    def number(self, name: str, default: float) -> float:
        value = self.raw.get(name, default)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        return float(self._refuse(name, "a number"))

    def words(self, name: str) -> List[str]:
        value = self.raw.get(name, [])
        if isinstance(value, list) and all(isinstance(word, str) for word in value):
            return list(value)
        return list(self._refuse(name, "a list of strings"))

    def child(self, name: str) -> Arguments:
        """The object under `name`; absent or null is an empty one."""
        value = self.raw.get(name) or {}
        return Arguments(self._verb, value if isinstance(value, dict) else {self._refuse(name, "an object"): None})

    def children(self, name: str) -> List[Arguments]:
        """The list of objects under `name`."""
        value = self.raw.get(name) or []
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return [Arguments(self._verb, item) for item in value]
        return [Arguments(self._verb, {self._refuse(name, "a list of objects"): None})]

    def named(self, name: str) -> Dict[str, Arguments]:
        """The object under `name` whose values are objects."""
        return self.child(name).all_children()

    def all_children(self) -> Dict[str, Arguments]:
        """This object's values, each an object."""
        return {key: self.child(key) for key in self.raw}

    def texts(self, name: str) -> Dict[str, str]:
        """The object under `name` whose values are strings."""
        inner = self.child(name)
        return {key: inner.text(key) for key in inner.raw}

    def content(self, name: str) -> bytes:
        try:
            return base64.b64decode(self.text(name), validate=True)
        except binascii.Error:
            return self._refuse(name, "base64").encode()

    def _refuse(self, name: str, wanted: str) -> str:
        raise GuestError(
            "bad-arguments",
            "The verb '%s' got an invalid argument '%s'." % (self._verb, name),
            why="it must be %s" % wanted,
            fix="Use a director and a guest of the same version.",
        )
