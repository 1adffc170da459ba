"""Nova and Cinder as far as a VM without disks needs them: servers that are ACTIVE at once, flavors, limits.

Takes one call of HTTP, gives its answer.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.openstack.neutron import Neutron

ROOT = "/compute/v2.1"
VOLUMES = "/volume/v3/t"
_FLAVOR = {"id": "f1", "name": "m1.small", "disk": 20, "vcpus": 1, "ram": 2048, "OS-FLV-EXT-DATA:ephemeral": 0}
_COMPUTE = ("Instances", "Cores", "RAMSize", "Volumes", "VolumeGigabytes")
_USED = ("InstancesUsed", "CoresUsed", "RAMUsed", "VolumesUsed", "GigabytesUsed")


@dataclass(slots=True)
class Nova:
    neutron: Neutron
    servers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """One call."""
        url = urlsplit(path)
        path = url.path.removeprefix(VOLUMES).removeprefix(ROOT)
        if path == "/limits":
            absolute = {f"maxTotal{name}": -1 for name in _COMPUTE} | {f"total{name}": 0 for name in _USED}
            return 200, {"limits": {"absolute": absolute}}
        if path == "/servers/detail":
            name = parse_qs(url.query).get("name", [""])[0]
            every = [
                one for one in self.servers.values() if name in ("", f"^{one['name'].replace('-', chr(92) + '-')}$")
            ]
            return 200, {"servers": every}
        if path == "/servers":
            return 202, {"server": self._create(body["server"])}
        if path.startswith("/servers/"):
            return self._server(method, path.removeprefix("/servers/"))
        lists: dict[str, tuple[str, list[Any]]] = {
            "/flavors/detail": ("flavors", [_FLAVOR]),
            "/os-keypairs": ("keypairs", []),
            "/volumes/detail": ("volumes", []),
            "/snapshots/detail": ("snapshots", []),
            "/types": ("volume_types", []),
        }
        return (200, {lists[path][0]: lists[path][1]}) if path in lists else (404, {"itemNotFound": {"message": path}})

    def _create(self, asked: dict[str, Any]) -> dict[str, Any]:
        id_ = str(uuid.uuid4())
        server = {"id": id_, "status": "ACTIVE", "flavor": _FLAVOR, "image": "i", **asked}
        for one in asked["networks"]:
            self.neutron.things["ports"][one["port"]] |= {"device_id": id_, "device_owner": "compute:nova"}
        self.servers[id_] = server
        return server

    def _server(self, method: str, id_: str) -> tuple[int, Any]:
        if id_ not in self.servers:
            return 404, {"itemNotFound": {"message": f"Instance {id_} could not be found."}}
        if method == "DELETE":
            del self.servers[id_]
            for one in self.neutron.things["ports"].values():
                if one["device_id"] == id_:
                    one |= {"device_id": "", "device_owner": ""}
            return 204, None
        return 200, {"server": self.servers[id_]}
