"""FIND: our own resources of the environment's group, a list call for each kind.

Takes owner queries, gives what bears their tags.
"""

from collections.abc import Mapping
from typing import Any

from cpi.clouds.azure.images import stemcells
from cpi.clouds.azure.images.uploads import Uploads
from cpi.clouds.azure.machines import disks, instance_views, leftovers, networks, vms
from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.values import FoundDisk, FoundSnapshot, FoundStemcell, FoundVm, NetworkSettings, OwnerQuery
from cpi.kit import tags

Json = Mapping[str, Any]


class AzureFinder:
    def __init__(self, api: Api, places: ResourcePaths, uploads: Uploads) -> None:
        self._api = api
        self._places = places
        self._uploads = uploads

    def find_vms(self, query: OwnerQuery) -> tuple[FoundVm, ...]:
        listed = self._api.list(self._places.path(names.VM))
        nics = {str(nic["id"]).lower(): nic for nic in self._api.list(self._places.path(names.NIC))}
        has_public = any(networks.read_public_id(nic) for nic in nics.values())
        addresses = self._api.list(self._places.path(names.ADDRESS)) if has_public else ()
        public = {str(one["id"]).lower(): str(one["properties"].get("ipAddress", "")) for one in addresses}
        views = instance_views.fetch(self._api, self._places, [vm for vm in listed if _is_asked_for(vm, query)])
        born = (vms.read_found(_with_view(vm, views), _networks(vm, nics, public)) for vm in listed)
        incomplete = leftovers.read_incomplete(nics.values(), public, born={str(vm["name"]) for vm in listed})
        return tuple(vm for vm in (*born, *incomplete) if vm and tags.is_asked_for(vm.owner, query))

    def find_disks(self, query: OwnerQuery) -> tuple[FoundDisk, ...]:
        found = map(disks.read_found, self._api.list(self._places.path(names.DISK)))
        return tuple(disk for disk in found if disk and tags.is_asked_for(disk.owner, query))

    def find_stemcells(self, query: OwnerQuery) -> tuple[FoundStemcell, ...]:
        light = map(stemcells.read_found, self._api.list(self._places.path(names.SET)))
        found = (*light, *self._uploads.find())
        return tuple(one for one in found if one and tags.is_asked_for(one.owner, query))

    def find_snapshots(self, query: OwnerQuery) -> tuple[FoundSnapshot, ...]:
        found = map(disks.read_snapshot, self._api.list(self._places.path(names.SNAPSHOT)))
        return tuple(one for one in found if one and tags.is_asked_for(one.owner, query))


def _is_asked_for(vm: Json, query: OwnerQuery) -> bool:
    owner = tags.read_owner(vm.get("tags") or {})
    return owner is not None and tags.is_asked_for(owner, query)


def _with_view(vm: Json, views: Mapping[str, Json]) -> Json:
    view = views.get(str(vm["id"]).lower())
    return vm if view is None else {**vm, "properties": {**vm["properties"], "instanceView": view}}


def _networks(vm: Json, nics: Mapping[str, Json], public: Mapping[str, str]) -> tuple[NetworkSettings, ...]:
    """The VM's networks in the requested order, with their addresses."""
    own = [nics[nic_id.lower()] for nic_id in vms.read_nic_ids(vm) if nic_id.lower() in nics]
    placed = [
        one for nic in own for one in networks.read_nic(nic, public.get(networks.read_public_id(nic).lower(), ""))
    ]
    return tuple(network for _, network in sorted(placed, key=lambda one: one[0]))
