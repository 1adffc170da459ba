"""What commands about configs are given: the records of the home and the environment's file; no cloud is asked.

Takes nothing, gives a frozen value.
"""

from collections.abc import Callable

from cpi.contract.value_classes import dataclass
from director.app.sessions import environment_files
from director.app.sessions.environment_configs import EnvironmentConfigs
from director.app.sessions.environment_files import ReadFile
from director.app.sessions.settings import Settings
from director.model.configs import KeptConfigs
from director.ports.clock import Clock
from director.ports.configs import Configs
from director.ports.files import Files
from director.ports.journal import Journal
from director.ports.release_records import ReleaseRecords
from director.ports.state_store import StateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigHome:
    """`connect` connects every cloud of a file, and raises what their plugins refuse."""

    settings: Settings
    store: StateStore
    journal: Journal
    records: Configs
    releases: ReleaseRecords
    files: Files
    clock: Clock
    connect: Callable[[ReadFile], None]

    def kept(self) -> KeptConfigs:
        """The current versions of the environment's stored configs."""
        return KeptConfigs(self.records.list_configs(self.settings.environment))

    def configs(self, kept: KeptConfigs) -> EnvironmentConfigs:
        """These, and the files that the environment's file names. Raises InputError and Problems."""
        read = environment_files.read_written(self.files, self.settings)
        return EnvironmentConfigs(
            files=self.files, written=read.written, folder=read.folder, is_shipped=read.is_shipped, kept=kept
        )
