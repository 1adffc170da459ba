"""What OpenStack offers by name, and a plan names: zones, volume types, key pairs.

Takes properties, raises for a name that is not there. What this login may not list is not judged.
"""

from collections.abc import Callable, Iterator
from typing import Any

from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import DiskProperties, OpenStackConfig, VmProperties
from cpi.contract.errors import DeniedError, NotFoundError
from cpi.kit import judge

_ZONES = "/os-availability-zone"


class NamedResources:
    """Asks for each list when it is first needed, and once."""

    def __init__(self, api: Api, config: OpenStackConfig) -> None:
        self._api = api
        self._config = config
        self._known: dict[str, frozenset[str] | None] = {}

    def check_vm(self, properties: VmProperties) -> None:
        """Raises NotFoundError: unknown-zone, unknown-key-pair, unknown-volume-type."""
        for zone in (properties.availability_zone, *properties.availability_zones):
            # Administrators write zone:host.
            self._require(zone.partition(":")[0], "zone", self._server_zones, of="'s Nova")
        key = properties.key_name or self._config.default_key_name
        self._require(key, "key pair", self._key_pairs)
        kind = properties.root_disk.type if properties.root_disk else ""
        self._require(kind, "volume type", self._volume_types)

    def check_disk(self, properties: DiskProperties) -> None:
        """Raises NotFoundError: unknown-zone, unknown-volume-type."""
        self._require(properties.availability_zone, "zone", self._volume_zones, of="'s Cinder")
        kind = properties.type or self._config.default_volume_type
        self._require(kind, "volume type", self._volume_types)

    def _require(self, wanted: str, kind: str, names: Callable[[], Iterator[str]], *, of: str = "") -> None:
        known = self._listed(f"{kind} {of}", names) if wanted else None
        if known is not None:
            judge.require_known(kind, wanted, known, where=f"OpenStack{of}", setting=f"the {kind}")

    def _listed(self, kind: str, names: Callable[[], Iterator[str]]) -> frozenset[str] | None:
        if kind not in self._known:
            try:
                self._known[kind] = frozenset(names())
            except (DeniedError, NotFoundError):
                self._known[kind] = None
        return self._known[kind]

    def _server_zones(self) -> Iterator[str]:
        return _zones(self._api.read("compute", _ZONES))

    def _volume_zones(self) -> Iterator[str]:
        return _zones(self._api.read("volume", _ZONES))

    def _volume_types(self) -> Iterator[str]:
        for one in self._api.read("volume", "/types").get("volume_types", ()):
            yield from (str(one["name"]), str(one["id"]))

    def _key_pairs(self) -> Iterator[str]:
        for one in self._api.list_all("compute", "/os-keypairs", "keypairs"):
            yield str(one["keypair"]["name"])


def _zones(answer: Any) -> Iterator[str]:
    """Those in which something can be made now."""
    for one in answer.get("availabilityZoneInfo", ()):
        if one["zoneState"]["available"]:
            yield str(one["zoneName"])
