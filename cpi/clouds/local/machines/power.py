"""POWER and CONSOLE: a VM's power without its deletion, and what it printed.

Takes CIDs. Raises NotFoundError, code unknown-vm.
"""

from pathlib import Path

from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system import names
from cpi.clouds.local.wire.api import Api
from cpi.contract.errors import NotFoundError
from cpi.contract.values import VmCid


class LocalPower:
    def __init__(self, api: Api) -> None:
        self._api = api

    def stop_vm(self, cid: VmCid) -> None:
        self._api.call("stop_vm", {"cid": known_vm(self._api, cid)})

    def start_vm(self, cid: VmCid) -> None:
        self._api.call("start_vm", {"cid": known_vm(self._api, cid)})


class LocalConsole:
    def __init__(self, api: Api) -> None:
        self._api = api

    def console_log(self, cid: VmCid) -> str:
        log = Path(self._api.state, "vms", known_vm(self._api, cid), "console.log")
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def known_vm(api: Api, cid: VmCid) -> str:
    """The CID, once its VM is known to exist."""
    if not names.is_cid(cid) or records.load_vm(api.state, cid) is None:
        raise NotFoundError("unknown-vm", f"The local cloud has no VM {cid}.")
    return cid
