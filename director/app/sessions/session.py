"""One command's outside: settings, the world of one environment, files and login checks.

Takes nothing, gives a frozen value that use cases are given.
"""

import secrets
from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.app.sessions import deployments
from director.app.sessions.environment_configs import EnvironmentConfigs
from director.app.sessions.records import environment_missing
from director.app.sessions.settings import Settings
from director.model.configs import KeptConfigs, StoredConfig
from director.model.document_places import NO_PLACES, DocumentPlaces
from director.model.documents import WrittenDocument
from director.model.environments.environment import Environment
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName, RunId
from director.model.template_parts import TemplateParts
from director.model.written.cpi_config import CpiConfig
from director.model.written.environment_file import EnvironmentFile
from director.ports.files import Files
from director.ports.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`file` is the environment's file and `written` the same with the places of its pieces.

    `folder` is where its paths are meant from; `cpi_config` is the one that the file names, None without one.
    `is_shipped` says that the file is the one that ships with us.
    `task` is the number of the task that it is open for, 0 where nothing is changed.
    """

    settings: Settings
    world: World
    files: Files
    file: EnvironmentFile
    written: WrittenDocument[EnvironmentFile]
    folder: str
    cpi_config: WrittenDocument[CpiConfig] | None = None
    is_shipped: bool = False
    task: int = 0
    planned_configs: tuple[StoredConfig, ...] = ()
    """Configs that are not stored yet: those of a template that is planned."""

    planned_files: Mapping[str, str] = field(default_factory=dict)
    """Files of the environment that are not written yet, by their paths."""

    template_parts: TemplateParts = field(default_factory=TemplateParts)
    """What that template adds to the landing zone."""

    template_places: DocumentPlaces = NO_PLACES
    """Where that template has what a cloud may refuse."""

    def environment(self) -> Environment:
        """The environment as saved. Raises InputError, code `environment-missing`."""
        found = self.world.store.load_environment(self.settings.environment)
        if found is None:
            raise environment_missing(self.settings, self.world.store)
        return found

    def deployment(self, name: str) -> DeploymentState:
        """The deployment as saved. Raises InputError, code `deployment-missing`."""
        found = self.world.store.load_deployment(self.settings.environment, DeploymentName(name))
        if found is None:
            known = self.world.store.list_deployments(self.settings.environment)
            return deployments.require_deployment(self.settings.environment, known, name)
        return found

    def configs(self) -> EnvironmentConfigs:
        """The configs that its deployments are made with."""
        return EnvironmentConfigs(
            files=self.files,
            written=self.written,
            folder=self.folder,
            is_shipped=self.is_shipped,
            kept=KeptConfigs((*self.world.configs.list_configs(self.settings.environment), *self.planned_configs)),
            planned_files=self.planned_files,
        )

    def path(self, *parts: str) -> str:
        """A path below the environment's folder in the home: logins, keys, logs."""
        return "/".join((self.settings.home, "environments", self.settings.environment, *parts))


def new_run_id() -> RunId:
    """An id no run had before; also what new instances' ids grow from."""
    return RunId(secrets.token_hex(5))
