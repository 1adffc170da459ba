"""Octavia as far as the plugin calls it: pools and their members. A load balancer that changes refuses another change.

Takes one call of HTTP, gives its answer. Source: the load balancer API v2, members and their provisioning states.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROOT = "/load-balancer/v2/lbaas/pools"


@dataclass(slots=True)
class Octavia:
    """`busy` is for how many changes a load balancer is still immutable after each change."""

    pools: dict[str, str] = field(default_factory=dict)
    """Names by id."""
    members: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    busy: int = 0
    _left: int = 0

    def add_pool(self, name: str) -> str:
        """A pool of an operator's load balancer; gives its id."""
        made = str(uuid.uuid4())
        self.pools[made] = name
        self.members[made] = {}
        return made

    def members_of(self, name: str) -> list[dict[str, Any]]:
        """The members of the one pool with a name."""
        (pool,) = [one for one, its in self.pools.items() if its == name]
        return list(self.members[pool].values())

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """One call."""
        url = urlsplit(path)
        words = url.path.removeprefix(ROOT).strip("/").split("/")
        if words == [""]:
            wanted = parse_qs(url.query).get("name", [""])[0]
            found = [{"id": one, "name": name} for one, name in self.pools.items() if wanted in ("", name)]
            return 200, {"pools": found}
        held = self.members.get(words[0])
        if held is None or (len(words) > 2 and words[2] not in held):
            return 404, {"faultcode": "Client", "faultstring": f"{words[0]} not found.", "debuginfo": None}
        if method == "GET":
            return 200, {"members": list(held.values())}
        if self._left:
            self._left -= 1
            words_ = f"Load Balancer {words[0]} is immutable and cannot be updated."
            return 409, {"faultcode": "Client", "faultstring": words_, "debuginfo": None}
        self._left = self.busy
        if method == "DELETE":
            del held[words[2]]
            return 204, None
        return self._add(held, body["member"])

    def _add(self, held: dict[str, dict[str, Any]], member: dict[str, Any]) -> tuple[int, Any]:
        there = {(one["address"], one["protocol_port"]) for one in held.values()}
        if (member["address"], member["protocol_port"]) in there:
            return 409, {"faultcode": "Client", "faultstring": "Another member on this pool is already using it."}
        made = {**member, "id": str(uuid.uuid4()), "provisioning_status": "PENDING_CREATE"}
        held[made["id"]] = made
        return 201, {"member": made}
