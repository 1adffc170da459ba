"""Neutron as far as landing zones and servers' ports call it: what depends on what, what is in use, limits, tags.

Takes one call of HTTP, gives its answer. Source: openstack/neutron, and the answers that the real one gave
(tests/contract/recorded).
"""

import ipaddress
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, Any]
ROOT = "/v2.0"
OUTSIDE = str(uuid.UUID(int=1))
_PROJECT = "t"
_ONE = {
    "routers": "router",
    "networks": "network",
    "subnets": "subnet",
    "security-groups": "security_group",
    "security-group-rules": "security_group_rule",
    "floatingips": "floatingip",
    "ports": "port",
}
_FIRST_ADDRESS = 7


def fault(status: int, type_: str, words: str = "") -> Answer:
    """As Neutron says what is wrong."""
    return status, {"NeutronError": {"type": type_, "message": words or type_, "detail": ""}}


@dataclass(slots=True)
class Neutron:
    """All of it is one project's, but for the external network. `limits` are by Neutron's names ("network")."""

    things: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {kind: {} for kind in _ONE})
    limits: dict[str, int] = field(default_factory=dict)
    has_dns: bool = False
    has_tags: bool = True
    made: int = 0

    def answer(self, method: str, path: str, body: Mapping[str, Any]) -> Answer:
        """One call."""
        url = urlsplit(path)
        words = url.path.removeprefix(ROOT).strip("/").split("/")
        if words[0] == "extensions":
            is_there = {"dns-integration": self.has_dns, "standard-attr-tag": self.has_tags}[words[1]]
            return (200, {"extension": {}}) if is_there else fault(404, "NotFound", "not found")
        if words[0] == "quotas":
            return 200, {"quota": {one: self._quota(kind, one) for kind, one in _ONE.items()}}
        kind, query = words[0], parse_qsl(url.query)
        if len(words) == 1:
            return self._list(kind, query) if method == "GET" else self._create(kind, body)
        found = self.things[kind].get(words[1])
        if found is None:
            return fault(404, f"{_ONE[kind].title()}NotFound", f"{kind} {words[1]} could not be found.")
        if len(words) > 2:
            return self._act(found, words[2:], body)
        if method == "GET":
            return 200, {_ONE[kind]: found}
        return self._delete(kind, found) if method == "DELETE" else self._update(kind, found, body[_ONE[kind]])

    def add_vip(self, balancer: Mapping[str, Any]) -> dict[str, Any] | Answer:
        """The port of a new load balancer, or why there is none."""
        fixed = {"subnet_id": balancer["vip_subnet_id"]}
        fixed |= {"ip_address": balancer["vip_address"]} if balancer.get("vip_address") else {}
        subnet = self.things["subnets"].get(balancer["vip_subnet_id"])
        if subnet is None:
            return 400, {"faultcode": "Client", "faultstring": "Subnet not found.", "debuginfo": None}
        status, body = self._create_port(
            {"network_id": subnet["network_id"], "fixed_ips": [fixed], "name": "octavia-lb"}
        )
        if status != 201:
            return status, {"faultcode": "Client", "faultstring": str(body["NeutronError"]), "debuginfo": None}
        made: dict[str, Any] = body["port"]
        made |= {"device_owner": "Octavia", "device_id": f"lb-{made['id']}"}
        return made

    def drop_vip(self, port: str) -> None:
        """With its load balancer."""
        if port in self.things["ports"]:
            self._delete("ports", self.things["ports"][port])

    def _quota(self, kind: str, one: str) -> dict[str, int]:
        return {"used": len(self.things[kind]), "reserved": 0, "limit": self.limits.get(one, -1)}

    def _list(self, kind: str, query: list[tuple[str, str]]) -> Answer:
        if ("router:external", "True") in query:
            return 200, {"networks": [{"id": OUTSIDE, "name": "public"}]}
        wanted = [(key, value) for key, value in query if key not in ("limit", "marker")]
        shown = [one for one in self.things[kind].values() if all(_has(one, *each) for each in wanted)]
        key = kind.replace("-", "_")
        return 200, {key: [self._shown(kind, one) for one in shown]}

    def _shown(self, kind: str, one: dict[str, Any]) -> dict[str, Any]:
        if kind != "security-groups":
            return one
        rules = [
            each for each in self.things["security-group-rules"].values() if each["security_group_id"] == one["id"]
        ]
        return {**one, "security_group_rules": rules}

    def _create(self, kind: str, body: Mapping[str, Any]) -> Answer:
        if kind == "security-group-rules" and "security_group_rules" in body:
            made = [self._keep(kind, {"remote_group_id": None, **one}) for one in body["security_group_rules"]]
            return 201, {"security_group_rules": made}
        one, asked = _ONE[kind], dict(body[_ONE[kind]])
        if 0 <= self.limits.get(one, -1) <= len(self.things[kind]):
            return fault(409, "OverQuota", f"Quota exceeded for resources: ['{one}'].")
        if kind == "ports":
            return self._create_port(asked)
        if kind == "subnets" and asked["network_id"] not in self.things["networks"]:
            return fault(404, "NetworkNotFound")
        if kind == "floatingips":
            address = f"203.0.113.{_FIRST_ADDRESS + self.made}"
            self.made += 1
            asked = {**asked, "floating_ip_address": address, "port_id": None}
        asked |= {"host_routes": asked.get("host_routes", [])} if kind == "subnets" else {}
        kept = self._keep(kind, asked)
        if kind == "security-groups":
            self._keep("security-group-rules", {"security_group_id": kept["id"], "direction": "egress"})
        return 201, {one: self._shown(kind, kept)}

    def _keep(self, kind: str, made: Mapping[str, Any]) -> dict[str, Any]:
        kept = {"description": "", "tags": [], **made, "id": str(uuid.uuid4()), "project_id": _PROJECT}
        self.things[kind][kept["id"]] = kept
        return kept

    def _create_port(self, asked: dict[str, Any]) -> Answer:
        subnets = [one for one in self.things["subnets"].values() if one["network_id"] == asked["network_id"]]
        if not subnets:
            return fault(404, "NetworkNotFound")
        fixed = (asked.get("fixed_ips") or [{}])[0]
        subnet = next((one for one in subnets if fixed.get("subnet_id") in (None, one["id"])), subnets[0])
        wanted = fixed.get("ip_address") or self._free(subnet)
        if ipaddress.ip_address(wanted) not in ipaddress.ip_network(subnet["cidr"]):
            return fault(400, "InvalidIpForSubnet", f"IP address {wanted} is not a valid IP for the specified subnet.")
        if wanted in self._held(subnet["id"]):
            return fault(409, "IpAddressAlreadyAllocated", f"IP address {wanted} already allocated in subnet.")
        made = {"device_id": "", "device_owner": "", "security_groups": [], "mac_address": "fa:16:3e:00:00:01", **asked}
        made["fixed_ips"] = [{"subnet_id": subnet["id"], "ip_address": wanted}]
        return 201, {"port": self._keep("ports", made)}

    def _held(self, subnet: str) -> set[str]:
        every = (fixed for port in self.things["ports"].values() for fixed in port["fixed_ips"])
        return {fixed["ip_address"] for fixed in every if fixed["subnet_id"] == subnet}

    def _free(self, subnet: Mapping[str, Any]) -> str:
        pools = subnet.get("allocation_pools") or [{"start": str(ipaddress.ip_network(subnet["cidr"])[2])}]
        first, held = ipaddress.ip_address(pools[0]["start"]), self._held(str(subnet["id"]))
        return next(str(first + number) for number in range(256) if str(first + number) not in held)

    def _act(self, found: dict[str, Any], words: list[str], body: Mapping[str, Any]) -> Answer:
        if words[0] == "tags":
            found["tags"] = body["tags"] if len(words) == 1 else [*found["tags"], words[1]]
            return 200, body
        subnet = self.things["subnets"][body["subnet_id"]]
        there = [one for one in self.things["ports"].values() if one["device_id"] == found["id"]]
        own = [one for one in there if one["fixed_ips"][0]["subnet_id"] == subnet["id"]]
        if words[0] == "remove_router_interface":
            for one in own:
                del self.things["ports"][one["id"]]
            return 200, {}
        if own:
            return fault(400, "BadRequest", "Router already has a port on subnet")
        fixed = {"subnet_id": subnet["id"], "ip_address": subnet["gateway_ip"]}
        status, made = self._create_port({"network_id": subnet["network_id"], "fixed_ips": [fixed]})
        if status == 201:
            made["port"] |= {"device_id": found["id"], "device_owner": "network:router_interface"}
        return (200, {}) if status == 201 else (status, made)

    def _update(self, kind: str, found: dict[str, Any], changed: Mapping[str, Any]) -> Answer:
        if kind == "floatingips" and changed.get("port_id"):
            port = self.things["ports"].get(changed["port_id"])
            if port is None:
                return fault(404, "PortNotFound")
            if any(one["port_id"] == port["id"] for one in self.things["floatingips"].values()):
                return fault(409, "FloatingIPPortAlreadyAssociated")
            if not self._is_routed(port):
                return fault(404, "ExternalGatewayForFloatingIPNotFound")
        for route in changed.get("host_routes", ()):
            if set(route) != {"destination", "nexthop"}:
                return fault(400, "HTTPBadRequest", "Invalid input for host_routes.")
        found |= changed
        return 200, {_ONE[kind]: found}

    def _is_routed(self, port: Mapping[str, Any]) -> bool:
        subnet = port["fixed_ips"][0]["subnet_id"]
        routers = (one for one in self.things["ports"].values() if one["device_owner"] == "network:router_interface")
        return any(one["fixed_ips"][0]["subnet_id"] == subnet for one in routers)

    def _delete(self, kind: str, found: Mapping[str, Any]) -> Answer:
        id_ = found["id"]
        if kind in ("routers", "subnets", "networks", "security-groups") and self._is_used(kind, str(id_)):
            return fault(409, f"{_ONE[kind].title()}InUse", f"{_ONE[kind]} {id_} is in use.")
        del self.things[kind][id_]
        if kind == "ports":
            for one in self.things["floatingips"].values():
                one["port_id"] = None if one["port_id"] == id_ else one["port_id"]
        rest = {"networks": ("subnets", "network_id"), "security-groups": ("security-group-rules", "security_group_id")}
        other, key = rest.get(kind, ("ports", "-"))
        for one in [one for one in self.things[other].values() if one.get(key) == id_]:
            del self.things[other][one["id"]]
        return 204, None

    def _is_used(self, kind: str, id_: str) -> bool:
        ports = self.things["ports"].values()
        match kind:
            case "routers":
                return any(one["device_id"] == id_ for one in ports)
            case "networks":
                return any(one["network_id"] == id_ for one in ports)
            case "subnets":
                return any(fixed["subnet_id"] == id_ for one in ports for fixed in one["fixed_ips"])
            case _:
                return any(id_ in one["security_groups"] for one in ports)


def _has(one: Mapping[str, Any], key: str, value: str) -> bool:
    """Whether a listing with this filter has it."""
    if key == "fixed_ips":
        name, _, wanted = value.partition("=")
        return any(fixed[name] == wanted for fixed in one["fixed_ips"])
    if key == "tags":
        return value in one["tags"]
    return str(one.get(key)) == value
