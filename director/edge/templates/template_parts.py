"""What a process that evaluates templates is sent: what many requests share once, and then by its number.

Takes requests, gives JSON lines.
"""

import json

from cpi.contract.json_value import JsonValue
from director.model import erb

_MOST_BYTES = 32 << 20
"""Kept values are dropped, all of them, before they reach this many bytes of JSON: the process has bounded memory."""


class SharedParts:
    """The shared values that one process keeps, by identity: a value's number is sent after the value itself."""

    def __init__(self) -> None:
        # What is kept beside each number stays alive with it, so no other value can come to have the same id.
        self._numbers: dict[int, tuple[object, int]] = {}
        self._bytes = 0

    def document(self, request: erb.ErbRequest) -> bytes:
        """The lines that ask for the templates; those of shared values come first where the process lacks them."""
        dns: dict[str, JsonValue] = {
            "azs": request.dns.azs,
            "link_groups": request.dns.link_groups,
            "networks": request.dns.networks,
            "groups": request.dns.groups,
        }
        shared = {
            "properties": (request.properties, request.properties),
            "links": (request.links, request.links),
            "dns": (request.dns, dns),
        }
        new = [(owner, value) for owner, value in shared.values() if id(owner) not in self._numbers]
        lines: list[bytes] = []
        if self._bytes > _MOST_BYTES and new:
            lines.append(_line({"forget": True}))
            self._numbers.clear()
            self._bytes = 0
            new = list(shared.values())
        for owner, value in new:
            if id(owner) not in self._numbers:
                self._numbers[id(owner)] = (owner, len(self._numbers))
                lines.append(_line({"keep": self._numbers[id(owner)][1], "value": value}))
                self._bytes += len(lines[-1])
        templates: list[JsonValue] = [{"name": each.name, "text": each.text} for each in request.templates]
        asked: dict[str, JsonValue] = {"job": request.job, "templates": templates}
        numbers = {name: self._numbers[id(owner)][1] for name, (owner, _) in shared.items()}
        return b"".join((*lines, _line({**asked, "spec": request.spec, **numbers})))


def _line(document: JsonValue) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"
