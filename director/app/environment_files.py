"""Environment files: read, or taken from what ships with us.

Takes files and settings, gives the file as written and the folder its paths are meant from.
"""

from collections.abc import Mapping
from pathlib import PurePath
from typing import NamedTuple, cast

from cpi.values import JsonValue, LandingSpec
from director.app import cpi_configs
from director.app.settings import Settings, check_environment
from director.model.documents import Written
from director.model.environment import JUMPBOX, CloudChoice
from director.model.written.cpi_config import CpiConfig
from director.model.written.environment_file import EnvironmentFile
from director.ports.files import Files
from director.text import front as texts

_BUNDLED = "manifests/environments/local.yml"


class ReadFile(NamedTuple):
    """The file as written, where its pieces are, and the folder its paths are meant from."""

    file: EnvironmentFile
    written: Written[EnvironmentFile]
    folder: str
    cpi_config: Written[CpiConfig] | None = None

    def where_of_cloud(self, index: int, *, is_plugin: bool) -> str:
        """The place of a cloud's plugin, or of its properties."""
        if self.cpi_config is not None:
            has_path = self.cpi_config.document.cpis[index].exec_path is not None
            plugin_key = "exec_path" if has_path else "type"
            return self.cpi_config.where("cpis", index, plugin_key if is_plugin else "properties")
        if self.file.clouds:
            return self.written.where("clouds", index, "plugin" if is_plugin else "properties")
        return self.written.where("cloud" if is_plugin else "properties")


def read_environment_file(files: Files, settings: Settings) -> ReadFile:
    """`<home>/environments/<name>.yml`; without one, the local cloud's under that name."""
    check_environment(settings)
    own = f"{settings.home}/environments/{settings.environment}.yml"
    path = own if files.is_there(own) else files.bundled(_BUNDLED)
    written = texts.read_environment_file(texts.Reading(source=files.read_source(path)))
    file = written.document
    if path != own:
        file = file.model_copy(update={"name": settings.environment})
    folder = str(PurePath(path).parent)
    config = cpi_configs.read_cpi_config(files, written, folder)
    if config is not None:
        file = file.model_copy(update={"clouds": cpi_configs.clouds_of(config.document, file)})
    return ReadFile(file=file, written=written, folder=folder, cpi_config=config)


def cloud_choices(file: EnvironmentFile) -> tuple[CloudChoice, ...]:
    """The environment's clouds; a single one has the name ""."""
    if file.clouds:
        return tuple(
            CloudChoice(name=each.name, plugin=each.plugin, properties=_plain(each.properties)) for each in file.clouds
        )
    return (CloudChoice(name="", plugin=file.cloud or "local", properties=_plain(file.properties)),)


def jumpbox_addresses(file: EnvironmentFile, variables: Mapping[str, object]) -> Mapping[str, str]:
    """The jumpbox's public address on each cloud that has one, in the clouds' order.

    Landing zones give them (`variables` are their outputs); where a cloud has none, the file's own variables say where
    the jumpbox will be: `jumpbox_public_ip` on the first cloud, `NAME_jumpbox_public_ip` on each of several.
    """
    short = f"{JUMPBOX}_public_ip"
    found: dict[str, str] = {}
    for number, name in enumerate(choice.name for choice in cloud_choices(file)):
        own = f"{name}_{short}" if name else short
        first = file.variables.get(short) if number == 0 else None
        found[name] = str(variables.get(own) or file.variables.get(own) or first or "")
    return {name: address for name, address in found.items() if address}


def landing_spec(file: EnvironmentFile, name: str) -> LandingSpec:
    """What the cloud `name` needs before its first VM. The first has the public names, each of several a jumpbox."""
    own = next((cloud for cloud in file.clouds if cloud.name == name), None)
    is_first = own is None or own is file.clouds[0]
    public_names = file.public_names if is_first else (JUMPBOX,)
    if own is not None and own.public_names is not None:
        public_names = own.public_names
    return LandingSpec(
        networks=own.networks if own is not None and own.networks is not None else file.networks,
        public_names=public_names,
    )


def _plain(properties: Mapping[str, object]) -> Mapping[str, JsonValue]:
    return cast(Mapping[str, JsonValue], properties)
