"""POWER and CONSOLE: stop and start VMs, and what they printed while they booted.

Takes CIDs, gives nothing or text.
"""

from cpi.clouds.azure.wire import cids, ownership
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import NotFoundError
from cpi.contract.values import VmCid


class AzurePower:
    def __init__(self, api: Api, places: ResourcePaths, *, environment: str) -> None:
        self._api = api
        self._places = places
        self._environment = environment

    def stop_vm(self, cid: VmCid) -> None:
        """Give its cores back, too: a VM that is only powered off costs as if it ran."""
        self._act(cid, "deallocate")

    def start_vm(self, cid: VmCid) -> None:
        self._act(cid, "start")

    def _act(self, cid: VmCid, verb: str) -> None:
        path = cids.path_of(cid, "VM", self._places)
        ownership.require(ownership.need(self._api.get(path), f"VM '{cid}'"), self._environment)
        self._api.post(f"{path}/{verb}")


class AzureConsole:
    def __init__(self, api: Api, places: ResourcePaths) -> None:
        self._api = api
        self._places = places

    def console_log(self, cid: VmCid) -> str:
        answer = self._api.post(f"{cids.path_of(cid, 'VM', self._places)}/retrieveBootDiagnosticsData", waits=False)
        url = str(answer.get("serialConsoleLogBlobUri") or "")
        if not url:
            raise NotFoundError(
                "console-log-missing",
                f"VM '{cid}' has no console log.",
                why="Its boot diagnostics are off, or it has printed nothing yet.",
            )
        return self._api.fetch_text(url)
