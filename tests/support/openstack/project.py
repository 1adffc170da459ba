"""A project of OpenStack as a store: what Nova, Neutron, Cinder and Glance answer, without sockets and at once.

Takes calls, gives status and body as the services do. Swift and Octavia have stand-ins of their own.
"""

import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from cpi.clouds.openstack.wire.api import Json

ID = "project"
FLAVORS = {"m1.small": (1, 2048, 20), "m1.medium": (2, 4096, 40)}
"""Processors, MiB of memory and GiB of disk."""

Answer = tuple[int, Any]

_ACTIONS = {"os-start": "ACTIVE", "os-stop": "SHUTOFF", "reboot": "ACTIVE"}
_USED = ("Instances", "Cores", "RAM", "Volumes", "Gigabytes")
_MOST = ("Instances", "Cores", "RAMSize", "Volumes", "VolumeGigabytes")
_LIMITS = {"limits": {"absolute": {f"total{one}Used": 0 for one in _USED} | {f"maxTotal{one}": -1 for one in _MOST}}}
_NEUTRON = {
    "networks": "network",
    "routers": "router",
    "subnets": "subnet",
    "security-groups": "security_group",
    "floatingips": "floatingip",
    "ports": "port",
}


@dataclass(slots=True, kw_only=True)
class Project:
    """Things by id; `things` has a table for each word of a path."""

    random: Random
    things: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        outside = {"name": "public", "router:external": True, "project_id": "operator"}
        self._add("networks", {**outside, "description": "", "tags": []})
        image = {"name": "debian-12", "status": "active", "os_distro": "debian", "os_version": "12", "min_disk": 1}
        self._add("images", {**image, "visibility": "public", "created_at": "2026-01-01T00:00:00Z"})
        for name, (vcpus, ram, disk) in FLAVORS.items():
            self._add("flavors", {"name": name, "vcpus": vcpus, "ram": ram, "disk": disk})

    def table(self, kind: str) -> dict[str, dict[str, Any]]:
        """All there are of a kind."""
        return self.things.setdefault(kind, {})

    def answer(self, service: str, call: tuple[str, str], query: Mapping[str, str], body: Json) -> Answer:
        """One call: `call` is method and path."""
        answers: Mapping[str, Callable[[str, list[str], Mapping[str, str], Json], Answer]] = {
            "compute": self._nova,
            "network": self._neutron,
            "volume": self._cinder,
            "image": self._glance,
        }
        return answers[service](call[0], call[1].strip("/").split("/"), query, body)

    def vanish(self, server: str) -> None:
        """Lose it as clouds do: its volumes stay, its ports go."""
        self.table("servers").pop(server, None)
        self.things["ports"] = {key: one for key, one in self.table("ports").items() if one["device_id"] != server}
        for volume in self.table("volumes").values():
            if volume["attachments"] and volume["attachments"][0]["server_id"] == server:
                self._detach(volume)

    def volumes_of(self, server: str) -> list[str]:
        """The ids of those that it has."""
        held = self.table("volumes").items()
        return [key for key, one in held if any(each["server_id"] == server for each in one["attachments"])]

    def _nova(self, method: str, path: list[str], query: Mapping[str, str], body: Json) -> Answer:
        kind, servers = path[0], self.table("servers")
        if kind == "limits":
            return 200, _LIMITS
        if path[1:] == ["detail"]:
            listed = [self._shown(one) if kind == "servers" else one for one in self.table(kind).values()]
            return 200, {kind: [one for one in listed if re.search(query.get("name", ""), one["name"])]}
        if len(path) == 1:
            return self._make_server(dict(body["server"])) if method == "POST" else (200, {path[0][3:]: []})
        if path[1] not in servers:
            return _missing()
        server = servers[path[1]]
        match (method, *path[2:]):
            case ("GET",):
                return 200, {"server": self._shown(server)}
            case ("DELETE",):
                self.vanish(server["id"])
            case ("POST", "metadata"):
                server["metadata"] |= body["metadata"]
            case ("POST", "os-volume_attachments"):
                volume = self.table("volumes")[body["volumeAttachment"]["volumeId"]]
                volume |= {"status": "in-use", "attachments": [{"server_id": server["id"]}]}
            case ("DELETE", "os-volume_attachments", volume_id):
                self._detach(self.table("volumes")[volume_id])
            case ("POST", "action"):
                server["status"] = next(status for word, status in _ACTIONS.items() if word in body)
            case _:
                return _unknown(method, path)
        return 200, {}

    def _make_server(self, wanted: dict[str, Any]) -> Answer:
        """Its ports are its own from now on."""
        ports = [each["port"] for each in wanted["networks"]]
        made = self._add(
            "servers",
            {
                "name": wanted["name"],
                "metadata": dict(wanted["metadata"]),
                "status": "ACTIVE",
                "image": {"id": wanted["imageRef"]},
                "flavor": {"id": wanted["flavorRef"]},
            },
        )
        for port in ports:
            self.table("ports")[port] |= {"device_id": made["id"], "device_owner": "compute:nova"}
        return 202, {"server": {"id": made["id"]}}

    def _shown(self, server: dict[str, Any]) -> dict[str, Any]:
        held = [{"id": each, "delete_on_termination": False} for each in self.volumes_of(server["id"])]
        return {**server, "os-extended-volumes:volumes_attached": held, "OS-EXT-STS:task_state": None}

    def _neutron(self, method: str, path: list[str], query: Mapping[str, str], body: Json) -> Answer:
        kind, rest = path[0], path[1:]
        if kind == "quotas":
            return 200, {"quota": {one: {"used": 0, "limit": -1} for one in _NEUTRON.values()}}
        if kind == "security-group-rules":
            for rule in body["security_group_rules"]:
                self.table("security-groups")[rule["security_group_id"]]["security_group_rules"].append(rule)
            return 201, {}
        one = _NEUTRON[kind]
        if not rest and method == "GET":
            listed = f"{one}s"
            return 200, {listed: [each for each in self.table(kind).values() if _is_meant(each, query)]}
        if not rest:
            return self._make_part(kind, dict(body[one]))
        if rest[0] not in self.table(kind):
            return _missing()
        part = self.table(kind)[rest[0]]
        if method == "DELETE":
            del self.table(kind)[rest[0]]
        elif rest[1:] == ["add_router_interface"]:
            interface = {"device_id": rest[0], "device_owner": "network:router_interface"}
            self._add("ports", {**_port(), **interface, "fixed_ips": [{"subnet_id": body["subnet_id"]}]})
        elif rest[1:] == ["remove_router_interface"]:
            ports = self.table("ports").items()
            held = [key for key, one in ports if _is_interface(one, rest[0], str(body["subnet_id"]))]
            self.table("ports").pop(held[0], None)
        elif rest[1:2] == ["tags"]:
            part["tags"] = [*part["tags"], *rest[2:]] if rest[2:] else list(body["tags"])
        else:
            return (200, {one: part}) if method == "GET" else _unknown(method, path)
        return 200, {}

    def _make_part(self, kind: str, wanted: dict[str, Any]) -> Answer:
        base: dict[str, Any] = {"tags": [], "project_id": ID, "description": ""}
        if kind == "security-groups":
            base["security_group_rules"] = []
        if kind == "floatingips":
            address = f"203.0.113.{len(self.table(kind)) + 1}"
            base |= {"floating_ip_address": address, "fixed_ip_address": None, "port_id": None, "status": "DOWN"}
        if kind == "ports":
            base |= _port()
            wanted["fixed_ips"] = [self._fixed(wanted["network_id"], each) for each in wanted.get("fixed_ips") or [{}]]
            if any(_addresses(wanted) & _addresses(each) for each in self.table("ports").values()):
                return 409, {"NeutronError": {"type": "IpAddressAlreadyAllocated", "message": "already allocated"}}
        return 201, {_NEUTRON[kind]: self._add(kind, {**base, **wanted})}

    def _fixed(self, network: str, wanted: Mapping[str, str]) -> dict[str, str]:
        """An address that was named, or the last free one of the network's subnet."""
        subnet = next(each for each in self.table("subnets").values() if each["network_id"] == network)
        taken = {address for port in self.table("ports").values() for address in _addresses(port)}
        hosts = reversed(list(ipaddress.ip_network(subnet["cidr"]).hosts()))
        free = wanted.get("ip_address") or next(str(host) for host in hosts if str(host) not in taken)
        return {"subnet_id": subnet["id"], "ip_address": free}

    def _cinder(self, method: str, path: list[str], query: Mapping[str, str], body: Json) -> Answer:
        kind = path[0]
        if kind == "limits":
            return 200, _LIMITS
        if path[1:] == ["detail"]:
            meant = {key: value for key, value in query.items() if key in ("name", "volume_id")}
            return 200, {kind: [one for one in self.table(kind).values() if meant.items() <= one.items()]}
        if method == "POST" and len(path) == 1:
            made = self._add(kind, {"attachments": [], "status": "available", **body[kind[:-1]]})
            return 202, {kind[:-1]: made}
        if path[1] not in self.table(kind):
            return _missing()
        thing = self.table(kind)[path[1]]
        match (method, *path[2:]):
            case ("GET",):
                return 200, {kind[:-1]: thing}
            case ("DELETE",):
                del self.table(kind)[path[1]]
            case ("POST", "metadata"):
                thing["metadata"] |= body["metadata"]
            case ("POST", "action"):
                thing["size"] = body["os-extend"]["new_size"]
            case _:
                return _unknown(method, path)
        return 202, {}

    def _glance(self, method: str, path: list[str], query: Mapping[str, str], body: Json) -> Answer:
        images = self.table("images")
        if method == "POST":
            return 201, self._add("images", {**body, "status": "queued", "created_at": "2026-01-02T00:00:00Z"})
        if len(path) == 1:
            meant = {key: value for key, value in query.items() if key != "limit"}
            return 200, {"images": [one for one in images.values() if meant.items() <= one.items()]}
        if path[1] not in images:
            return _missing()
        return (204, images.pop(path[1])) if method == "DELETE" else (200, images[path[1]])

    def _add(self, kind: str, thing: Mapping[str, Any]) -> dict[str, Any]:
        made = {**thing, "id": str(uuid.UUID(int=self.random.getrandbits(128), version=4))}
        self.table(kind)[made["id"]] = made
        return made

    def _detach(self, volume: dict[str, Any]) -> None:
        volume |= {"status": "available", "attachments": []}


def _port() -> dict[str, Any]:
    kept = dict.fromkeys(("device_id", "device_owner", "name", "description"), "")
    return {**kept, "mac_address": "fa:16:3e:00:00:01", "tags": []}


def _addresses(port: Mapping[str, Any]) -> set[str]:
    return {each["ip_address"] for each in port["fixed_ips"] if "ip_address" in each}


def _is_interface(port: Mapping[str, Any], router: str, subnet: str) -> bool:
    return port["device_id"] == router and any(each["subnet_id"] == subnet for each in port["fixed_ips"])


def _is_meant(thing: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    """Neutron's filters, of those that the plugin uses."""
    for key, value in query.items():
        if key == "fixed_ips":
            kind, _, wanted = value.partition("=")
            if all(each.get(kind) != wanted for each in thing["fixed_ips"]):
                return False
        elif key == "tags":
            if value not in thing["tags"]:
                return False
        elif key != "limit" and str(thing.get(key)) != value:
            return False
    return True


def _missing() -> Answer:
    return 404, {"itemNotFound": {"code": 404, "message": "not found"}}


def _unknown(method: str, path: list[str]) -> Answer:
    return 400, {"badRequest": {"code": 400, "message": f"the stand-in does not know {method} {'/'.join(path)}"}}
