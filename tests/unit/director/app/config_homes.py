"""A ConfigHome whose records are in memory, with an environment's file on disk."""

from pathlib import Path

from director.app.sessions.config_home import ConfigHome
from director.app.sessions.environment_files import ReadFile
from director.app.sessions.settings import Settings
from director.app.use_cases import update_config as updating
from director.app.use_cases.update_config import ConfigUpdate, UpdatedConfig
from director.edge.machine.library import Library
from director.model.configs import ConfigType
from director.model.documents import Source
from director.model.ids import EnvironmentName
from director.text.variables.variables import VariableSources
from tests.support.callers import calling
from tests.support.memory_configs import MemoryConfigs
from tests.support.memory_journal import MemoryJournal
from tests.support.memory_release_records import MemoryReleaseRecords
from tests.support.memory_store import MemoryStore
from tests.support.virtual_time import VirtualTime

LAB = EnvironmentName("lab")
CLOUD = """\
azs: [{name: z1}]
networks: [{name: default, subnets: [{range: 10.0.0.0/16, gateway: 10.0.0.1, azs: [z1]}]}]
vm_types: [{name: small}]
compilation: {workers: 1, network: default, az: z1, vm_type: small}
"""


def open_home(home: Path, file: str = "name: lab\ncloud: memory\n", *, name: EnvironmentName = LAB) -> ConfigHome:
    """Nothing is stored yet; `connect` refuses nothing."""
    if file:
        (home / "environments").mkdir(parents=True)
        (home / f"environments/{name}.yml").write_text(file)
    store = MemoryStore()
    return ConfigHome(
        settings=Settings(home=str(home), environment=name),
        store=store,
        journal=MemoryJournal(store),
        records=MemoryConfigs(),
        releases=MemoryReleaseRecords(),
        files=Library(home),
        clock=VirtualTime(),
        connect=_accept,
    )


def update(home: ConfigHome, type_: ConfigType, text: str, *, name: str = "default", **values: str) -> UpdatedConfig:
    """Store a config whose file is called `given.yml`."""
    request = ConfigUpdate(
        type=type_,
        name=name,
        document=Source(name="given.yml", content=text.encode()),
        caller=calling("update"),
        variables=VariableSources(kvs=tuple(f"{key}={value}" for key, value in values.items())),
    )
    return updating.update_config(home, request, lambda _: None)


def _accept(_: ReadFile) -> None:
    """Every cloud is accepted."""
