"""OpenStack as its answers: every change is kept, and answered as a small project would.

Takes settings, gives an Api that the plugin's rooms use as theirs.
"""

from collections.abc import Mapping
from typing import Any

from cpi.clouds.openstack.landing import layout
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.api import Api, Json, Send
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.clouds.openstack.wire.refusals import Asked
from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerKey, StemcellCid
from tests.unit.cpi.clouds.openstack.requests import OWNER

RECORD, IMAGE = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
STEMCELL = StemcellCid(f"{RECORD}:{IMAGE}")
SERVER = "00000000-0000-0000-0000-000000000003"
_GROUPS = ("one", "other")


class CannedApi(Api):
    """`calls` are those that change something."""

    def __init__(self, config: OpenStackConfig) -> None:
        super().__init__(config)
        self.calls: list[tuple[str, object]] = []

    def project(self) -> str:
        return "project-1"

    def _json(self, service: str, asked: Asked, send: Send) -> Json:
        if asked.call.is_changing:
            self.calls.append((f"{asked.method} {asked.path}", send.body))
            return _made(asked.path, send.body)
        if "router:external" in send.query:
            return {"networks": [{"id": f"id-{name}", "name": name} for name in ("outside", "other")]}
        if asked.path.endswith("/members"):
            return {"members": []}
        if asked.path == "/lbaas/pools":
            return {"pools": [{"id": f"pool-{send.query['name']}", "name": send.query["name"]}]}
        if asked.path.startswith("/images/"):
            return _image(asked.path.removeprefix("/images/"), "debian-12-generic")
        return LISTS.get(asked.path, {})


def _made(path: str, body: Json | None) -> Json:
    """The request, with an id and the fields that a service adds."""
    reported: dict[str, Any] = {
        "id": f"new{path}",
        "mac_address": "fa:16:3e:00:00:01",
        "fixed_ips": [{"ip_address": "10.0.0.10"}],
    }
    reported |= {"gateway_ip": "10.0.0.1", "floating_ip_address": "203.0.113.5"}
    return {
        **{word: {**asked, **reported} for word, asked in (body or {}).items() if isinstance(asked, dict)},
        "id": f"new{path}",
    }


def _landed(kind: str, name: str) -> Mapping[str, Any]:
    owner = OwnerKey(environment=OWNER.environment, deployment=ENVIRONMENT_ITSELF, action="up")
    return {"id": f"{kind}-{name}", "name": name, "description": names.write_note(owner, name)}


def _image(cid: str, name: str) -> Mapping[str, Any]:
    return {"id": cid, "name": name, "status": "active", "created_at": name, "architecture": "x86_64"}


def _flavor(name: str) -> Mapping[str, Any]:
    return {"id": f"id-{name}", "name": name, "disk": 10, "vcpus": 1, "ram": 1024}


LISTS: Mapping[str, Json] = {
    "/flavors/detail": {"flavors": [_flavor("m1.small"), _flavor("m1.large")]},
    "/networks": {
        "networks": [_landed(layout.NETWORK, "default"), _landed(layout.NETWORK, "other"), {"id": "net-1", "name": "x"}]
    },
    "/routers": {"routers": [_landed(layout.ROUTER, "router")]},
    "/subnets": {"subnets": []},
    "/security-groups": {"security_groups": [_landed(layout.GROUP, name) for name in _GROUPS]},
    "/ports": {"ports": []},
    "/floatingips": {"floatingips": [{"id": "f", "floating_ip_address": "203.0.113.5", "port_id": None}]},
    "/servers/detail": {"servers": []},
    f"/servers/{SERVER}": {"server": {"id": SERVER, "status": "ACTIVE", "OS-EXT-AZ:availability_zone": "az-of-vm"}},
    "/volumes/detail": {"volumes": []},
    "/images": {
        "images": [
            _image("image-1", "debian-12-generic"),
            _image("image-2", "debian-11-generic"),
            _image("image-3", "ubuntu-12-minimal"),
            {**_image("image-4", "debian-12-arm"), "architecture": "aarch64", "created_at": ""},
        ]
    },
}
