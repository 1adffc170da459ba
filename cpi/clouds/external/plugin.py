"""A BOSH CPI executable as a plugin; its name is `exec:` and the whole path.

Takes ConnectSettings, gives a ConnectedCloud with CPI v2, managed networks and a preflight. Connecting runs nothing.
"""

import os
import uuid
from pathlib import Path

from cpi.clouds.external.caller import CpiCaller
from cpi.clouds.external.cloud import ExternalCloud
from cpi.clouds.external.config import read_config
from cpi.clouds.external.identity import ExternalIdentity
from cpi.clouds.external.landing import ExternalLanding
from cpi.clouds.external.network_records import NetworkRecords
from cpi.clouds.external.preflight import ExternalPreflight
from cpi.clouds.external.process import Runs
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import CloudError

PREFIX = "exec:"


class ExternalPlugin:
    def __init__(self, name: str) -> None:
        self.name = name

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        path = self.name.removeprefix(PREFIX)
        if not (path.startswith("/") and Path(path).is_file() and os.access(path, os.X_OK)):
            raise CloudError(
                "cpi-not-there",
                f"'{path}' is not an executable CPI.",
                why="Expected the absolute path of an executable file after 'exec:'.",
                fix="Correct the path, or make the file executable (chmod +x).",
            )
        config = read_config(settings.properties)
        state = Path(settings.state_dir)
        runs = Runs(path, _environment(), timeout_s=config.timeout_s)
        caller = CpiCaller(
            path=path,
            runs=runs,
            config=config,
            director_uuid=config.director_uuid or str(uuid.uuid5(uuid.NAMESPACE_DNS, settings.environment)),
            log=state / "cpi.log",
        )
        created = NetworkRecords(state / "networks")
        cloud = ExternalCloud(caller, state / "image", created=created, tags=settings.tags)
        return ConnectedCloud(
            name=self.name,
            cloud=cloud,
            landing=ExternalLanding(cloud, created),
            has_landing_zone=False,
            preflight=ExternalPreflight(cloud, config.stemcell),
            identity=ExternalIdentity(path, config.context),
            close=runs.close,
        )


def _environment() -> dict[str, str]:
    """What a director hands on beside PATH."""
    return {name: os.environ[name] for name in ("TMPDIR", "HOME") if name in os.environ}
