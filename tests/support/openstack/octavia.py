"""Octavia as far as the plugin calls it: load balancers, listeners, pools, members, health monitors, quotas.

Takes one call of HTTP, gives its answer. While a load balancer changes it refuses every other change of it; each thing
is counted against its quota; names are not unique; what Octavia does not know is refused.
Source: openstack/octavia octavia/api/v2/controllers, types, common/exceptions.py.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.openstack.neutron import Neutron
from tests.support.openstack.octavia_rules import CHANGEABLE, CREATED, KINDS, WRONG, Answer, fault, find_wrong

ROOT = "/load-balancer/v2/lbaas"
_PAGE = 3
_PROJECT = "t"


@dataclass(slots=True)
class Octavia:
    """`busy` is how many looks and refused changes a load balancer stays immutable after each change; the next
    `failing` ones that are made end in ERROR.
    """

    neutron: Neutron
    things: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    quotas: dict[str, int] = field(default_factory=dict)
    busy: int = 0
    failing: int = 0
    has_role: bool = True
    left: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    """How many changes came while a load balancer was immutable."""

    def add_pool(self, name: str) -> str:
        """A pool of an operator's load balancer; gives its id."""
        balancer = self._keep("loadbalancers", {"name": "operator's", "vip_address": "10.0.0.2", "vip_port_id": None})
        made = self._keep("pools", {"name": name, "protocol": "TCP", "balancer": balancer["id"]})
        for one in (balancer, made):
            one["provisioning_status"] = "ACTIVE"
        return str(made["id"])

    def members_of(self, name: str) -> list[dict[str, Any]]:
        """The members of the one pool with a name, but for those that are being deleted."""
        (pool,) = [one for one in self.things["pools"].values() if one["name"] == name]
        there = [one for one in self.things["members"].values() if one["pool"] == pool["id"]]
        return [one for one in there if one["provisioning_status"] != "PENDING_DELETE"]

    def answer(self, method: str, path: str, body: Any) -> Answer:
        """One call."""
        url = urlsplit(path)
        words, query = url.path.removeprefix(ROOT).strip("/").split("/"), dict(parse_qsl(url.query))
        if not self.has_role:
            return fault(403, "Policy does not allow this request to be performed.")
        if words[0] == "quotas":
            return 200, {"quota": {kind.quota: self.quotas.get(kind.quota, -1) for kind in KINDS.values()}}
        if len(words) > 2:
            if words[1] not in self.things["pools"]:
                return fault(404, f"Pool {words[1]} not found.")
            return self._of("members", method, (words[3:], {**query, "pool": words[1]}), body)
        return self._of(words[0], method, (words[1:], query), body)

    def _of(self, kind: str, method: str, asked: tuple[list[str], dict[str, str]], body: Any) -> Answer:
        ids, query = asked
        if not ids:
            return self._list(kind, query) if method == "GET" else self._create(kind, body[KINDS[kind].one], query)
        found = self.things[kind].get(ids[0])
        if found is None:
            return fault(404, f"{KINDS[kind].title} {ids[0]} not found.")
        if method == "GET":
            self._wear(self._balancer_of(found))
            found = self.things[kind].get(ids[0])
            return (200, {KINDS[kind].one: self._shown(kind, found)}) if found else fault(404, f"{ids[0]} not found.")
        return self._delete(kind, found, query) if method == "DELETE" else self._update(kind, found, body)

    def _list(self, kind: str, query: Mapping[str, str]) -> Answer:
        wanted = {key: value for key, value in query.items() if key not in ("limit", "marker")}
        shown = [self._shown(kind, one) for one in self.things[kind].values()]
        found = [one for one in shown if all(_has(one, key, value) for key, value in wanted.items())]
        ids = [one["id"] for one in found]
        start = ids.index(query["marker"]) + 1 if query.get("marker") in ids else 0
        page = found[start : start + _PAGE]
        links = (
            [{"rel": "next", "href": f"http://x{ROOT}/{kind}?marker={page[-1]['id']}"}]
            if found[start + _PAGE :]
            else []
        )
        return 200, {kind: page, f"{kind}_links": links}

    def _create(self, kind: str, body: dict[str, Any], query: Mapping[str, str]) -> Answer:
        words = KINDS[kind]
        made = {**body, **({"pool": query["pool"]} if kind == "members" else {})}
        made["balancer"] = self._holder_of(kind, made)
        wrong = find_wrong(kind, made, self.things, known=CREATED)
        if wrong and wrong[0] != 409:
            return wrong
        limit = self.quotas.get(words.quota, -1)
        if 0 <= limit <= len(self.things[kind]):
            return fault(403, f"Quota has been met for resources: {words.title}")
        if kind != "loadbalancers" and (busy := self._is_immutable(made["balancer"])):
            return busy
        if wrong:
            return wrong
        if kind == "loadbalancers":
            port = self.neutron.add_vip(made)
            if isinstance(port, tuple):
                return port
            made |= {"vip_address": port["fixed_ips"][0]["ip_address"], "vip_port_id": port["id"]}
        kept = self._keep(kind, made)
        self._begin(str(kept["balancer"]), "PENDING_CREATE" if kind == "loadbalancers" else "PENDING_UPDATE")
        return 201, {words.one: self._shown(kind, kept)}

    def _keep(self, kind: str, made: dict[str, Any]) -> dict[str, Any]:
        defaults = {"name": "", "description": "", "project_id": _PROJECT, "tags": []}
        kept = {**defaults, **KINDS[kind].defaults, **made, "id": str(uuid.uuid4())}
        kept["provisioning_status"] = "PENDING_CREATE"
        kept["balancer"] = kept.get("balancer") or kept["id"]
        self.things[kind][kept["id"]] = kept
        return kept

    def _update(self, kind: str, found: dict[str, Any], body: Any) -> Answer:
        changed = body[KINDS[kind].one]
        if wrong := find_wrong(kind, {**found, **changed}, self.things, known=None):
            return wrong
        if unknown := [key for key in changed if key not in CHANGEABLE[kind]]:
            return fault(400, WRONG.format(unknown))
        if busy := self._is_immutable(found["balancer"]):
            return busy
        found |= {**changed, "provisioning_status": "PENDING_UPDATE"}
        self._begin(found["balancer"], "PENDING_UPDATE")
        return 200, {KINDS[kind].one: self._shown(kind, found)}

    def _delete(self, kind: str, found: dict[str, Any], query: Mapping[str, str]) -> Answer:
        id_ = str(found["id"])
        if kind == "loadbalancers":
            children = [
                one for each in ("listeners", "pools") for one in self.things[each].values() if _is_of(one, id_)
            ]
            if children and query.get("cascade") != "true":
                return fault(400, f"Validation failure: Cannot delete Load Balancer {id_} - it has children")
            if self.left.get(id_):
                self._refuse(id_)
                status = found["provisioning_status"]
                return fault(409, f"Invalid state {status} of loadbalancer resource {id_}")
        elif busy := self._is_immutable(found["balancer"]):
            return busy
        found["provisioning_status"] = "PENDING_DELETE"
        self._begin(found["balancer"], "PENDING_DELETE" if kind == "loadbalancers" else "PENDING_UPDATE")
        return 204, None

    def _is_immutable(self, balancer: str) -> Answer | None:
        status = self.things["loadbalancers"][balancer]["provisioning_status"]
        if status == "ACTIVE":
            return None
        self._refuse(balancer)
        return fault(409, f"Load Balancer {balancer} is immutable and cannot be updated.")

    def _refuse(self, balancer: str) -> None:
        self.refused += 1
        self._wear(balancer)

    def _begin(self, balancer: str, status: str) -> None:
        self.things["loadbalancers"][balancer]["provisioning_status"] = status
        self.left[balancer] = self.busy
        if not self.busy:
            self._settle(balancer)

    def _wear(self, balancer: str) -> None:
        """A moment passes."""
        if self.left.get(balancer):
            self.left[balancer] -= 1
            if not self.left[balancer]:
                self._settle(balancer)

    def _settle(self, balancer: str) -> None:
        one = self.things["loadbalancers"][balancer]
        if one["provisioning_status"] == "PENDING_DELETE":
            self.neutron.drop_vip(str(one["vip_port_id"]))
            self._drop(lambda each: each["balancer"] == balancer)
            return
        if one["provisioning_status"] == "PENDING_CREATE" and self.failing:
            self.failing -= 1
            one["provisioning_status"] = "ERROR"
            return
        gone = {
            each["id"]
            for listed in self.things.values()
            for each in listed.values()
            if each["balancer"] == balancer and each["provisioning_status"] == "PENDING_DELETE"
        }
        self._drop(lambda each: bool(gone & {each["id"], each.get("pool"), each.get("pool_id")}))
        for listed in self.things.values():
            for each in listed.values():
                if each["balancer"] == balancer:
                    each["provisioning_status"] = "ACTIVE"
                    if each.get("default_pool_id") in gone:
                        each["default_pool_id"] = None

    def _drop(self, is_gone: Callable[[dict[str, Any]], bool]) -> None:
        for listed in self.things.values():
            for id_ in [key for key, each in listed.items() if is_gone(each)]:
                del listed[id_]

    def _holder_of(self, kind: str, made: Mapping[str, Any]) -> str:
        """The load balancer of what is to be made; "" of a new one, or where nothing has it."""
        pool = self.things["pools"].get(str(made.get("pool") or made.get("pool_id")))
        if kind in ("members", "healthmonitors"):
            return str(pool["balancer"]) if pool else ""
        return str(made.get("loadbalancer_id") or "")

    def _balancer_of(self, found: Mapping[str, Any]) -> str:
        return str(found["balancer"])

    def _shown(self, kind: str, one: Mapping[str, Any]) -> dict[str, Any]:
        shown = {key: value for key, value in one.items() if key not in ("balancer", "pool", "loadbalancer_id")}
        id_ = one["id"]

        def ids(kind: str, key: str) -> list[dict[str, str]]:
            return [{"id": each["id"]} for each in self.things[kind].values() if each.get(key) == id_]

        if kind == "loadbalancers":
            return {**shown, "listeners": ids("listeners", "balancer"), "pools": ids("pools", "balancer")}
        holder = {"loadbalancers": [{"id": one["balancer"]}]}
        if kind == "pools":
            monitor = next((each["id"] for each in ids("healthmonitors", "pool_id")), None)
            return {**shown, **holder, "members": ids("members", "pool"), "healthmonitor_id": monitor}
        if kind == "healthmonitors":
            return {**{key: each for key, each in shown.items() if key != "pool_id"}, "pools": [{"id": one["pool_id"]}]}
        return {**shown, **holder} if kind == "listeners" else {**shown, "pool": one["pool"]}


def _is_of(one: Mapping[str, Any], balancer: str) -> bool:
    return bool(one["balancer"] == balancer)


def _has(shown: Mapping[str, Any], key: str, value: str) -> bool:
    """Whether a listing with this filter has it."""
    if key == "loadbalancer_id":
        return {"id": value} in shown.get("loadbalancers", ())
    return re.fullmatch(re.escape(value), str(shown.get(key))) is not None
