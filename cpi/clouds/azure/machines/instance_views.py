"""Whether VMs run: the run-time status, which no list of a resource group tells.

Takes VMs, gives their instance views. Microsoft's description allows `$expand=instanceView` on such a list only with a
filter by scale set, and has `statusOnly` on the list of the whole subscription (virtualMachine.json, 2024-03-01,
VirtualMachines_List and VirtualMachines_ListAll). So few VMs are looked at one by one, and many in that list.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import CloudError, Retry

Json = Mapping[str, Any]
_FEW = 5
"""So many single looks cost no more than a page of a large subscription's list."""


def fetch(api: Api, places: ResourcePaths, vms: Sequence[Json]) -> dict[str, Json]:
    """By VM's id in small letters; a VM that went meanwhile has none."""
    wanted = {str(vm["id"]).lower(): str(vm["name"]) for vm in vms}
    found = _listed(api, places, wanted) if len(wanted) > _FEW else {}
    for id_ in wanted.keys() - found.keys():
        vm = api.get(places.path(names.VM, wanted[id_]), expand="instanceView")
        if vm is not None:
            found[id_] = vm["properties"].get("instanceView") or {}
    return found


def _listed(api: Api, places: ResourcePaths, wanted: Mapping[str, str]) -> dict[str, Json]:
    """Those that the subscription's list tells; who may look at the group alone may be refused it."""
    found: dict[str, Json] = {}
    try:
        for vm in api.entries(f"{places.root()}/providers/{names.VM}", status_only="true"):
            view = (vm.get("properties") or {}).get("instanceView")
            if view is not None and str(vm["id"]).lower() in wanted:
                found[str(vm["id"]).lower()] = view
            if len(found) == len(wanted):
                break
    except CloudError as error:
        if error.retry is not Retry.NEVER:
            raise
    return found
