"""A cloud behind BOSH's protocol: `exec:` on this side, `compleat cpi` on the other, bytes between them in one process.

Takes a cloud under test, gives the same cloud with CPI v2 through the protocol.
"""

import json
from dataclasses import replace
from pathlib import Path

from cpi.clouds.external.caller import CpiCaller
from cpi.clouds.external.cloud import ExternalCloud
from cpi.clouds.external.config import ExternalConfig, Stemcell
from cpi.clouds.external.network_records import NetworkRecords
from cpi.clouds.external.process import Output
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.serve import server
from cpi.serve.server import ServedPlugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject


def through_protocol(subject: Subject, folder: Path) -> Subject:
    """Stemcell, landing zone and finder stay the cloud's own."""
    settings = folder / "cpi.json"
    settings.write_text(json.dumps({"environment": ENVIRONMENT, "state_dir": str(folder)}))
    direct = subject.connected
    service = ServedPlugin(plugin=direct.name, config=str(settings), find=lambda _: _Given(direct))
    config = ExternalConfig(stemcell=Stemcell(os="linux", version="1.0"))
    runs, log = _InProcess(service), folder / "cpi.log"
    caller = CpiCaller(path="compleat", runs=runs, config=config, director_uuid="uuid", log=log)
    cloud = ExternalCloud(caller, folder / "image", created=NetworkRecords(folder / "networks"))
    return replace(subject, connected=replace(direct, name="exec", cloud=cloud))


class _InProcess:
    """The executable without its process."""

    def __init__(self, service: ServedPlugin) -> None:
        self._service = service

    def run(self, sent: bytes) -> Output:
        return Output(out=server.answer(self._service, sent), log=b"")


class _Given:
    """A plugin with one cloud, which is there already."""

    def __init__(self, connected: ConnectedCloud) -> None:
        self._connected = connected
        self.name = connected.name

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        return self._connected
