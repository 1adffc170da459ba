"""Environment files: read, or taken from what ships with us.

Takes files and settings, gives the file as written and the folder its paths are meant from.
"""

from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType
from typing import NamedTuple, cast

from cpi.contract.values import JsonValue, LandingSpec
from director.app.sessions import cpi_configs, environment_checks
from director.app.sessions.environment_configs import EnvironmentConfigs
from director.app.sessions.settings import Settings, check_environment
from director.errors import InputError, raise_all
from director.model import cloud_names
from director.model.cloud_names import ONLY_CLOUD
from director.model.configs import ConfigType, KeptConfigs
from director.model.documents import Source, WrittenDocument
from director.model.environments.environment import JUMPBOX, CloudChoice
from director.model.ids import EnvironmentName
from director.model.secret_ref import Property
from director.model.written.cpi_config import CpiConfig
from director.model.written.environment_file import EnvironmentFile
from director.ports.files import Files
from director.text import front as texts
from director.text import nearest
from director.text.yaml import writer

_SHIPPED = "manifests/environments"
_LOCAL = "local"
"""The one environment that needs no file: it is this machine."""


class ReadFile(NamedTuple):
    """The file as written, where its pieces are, and the folder its paths are meant from."""

    file: EnvironmentFile
    written: WrittenDocument[EnvironmentFile]
    folder: str
    cpi_config: WrittenDocument[CpiConfig] | None = None
    is_shipped: bool = False
    planned_files: Mapping[str, str] = MappingProxyType({})
    """Files of the environment that are not written yet, by their paths: those of a template that is planned."""

    def where_of_cloud(self, index: int, *, is_plugin: bool, setting: str = "") -> str:
        """The place of a cloud's plugin, or of its properties, or of that one of them ("root_disk.size")."""
        steps = setting.split(".") if setting and not is_plugin else []
        if self.cpi_config is not None:
            has_path = self.cpi_config.document.cpis[index].exec_path is not None
            plugin_key = "exec_path" if has_path else "type"
            return self.cpi_config.where("cpis", index, plugin_key if is_plugin else "properties", *steps)
        if self.file.clouds:
            return self.written.where("clouds", index, "plugin" if is_plugin else "properties", *steps)
        return self.written.where("cloud" if is_plugin else "properties", *steps)


def read_environment_file(files: Files, settings: Settings, kept: KeptConfigs | None = None) -> ReadFile:
    """`<home>/environments/<name>.yml`; for the environment `local` without one, the file that ships with us.

    `kept` are the stored configs, whose CPIs are clouds of the environment.
    Raises InputError or Problems: `environment-file-missing` (no other name says which cloud is meant),
    and what environment_checks.problems and cpi_configs.read_cpi_config find.
    """
    return complete(read_written(files, settings), files, kept or KeptConfigs())


def complete(read: ReadFile, files: Files, kept: KeptConfigs) -> ReadFile:
    """The same with the clouds of its CPI configs; raises what of the file would not be used."""
    written, file = read.written, read.file
    all_stored = () if read.is_shipped else kept.of_type(ConfigType.CPI)
    stored = next((config.title for config in all_stored if not cpi_configs.is_empty(kept, config)), "")
    raise_all(list(environment_checks.problems(written, stored=stored)))
    configs = EnvironmentConfigs(
        files=files,
        written=written,
        folder=read.folder,
        is_shipped=read.is_shipped,
        kept=kept,
        planned_files=read.planned_files,
    )
    config = cpi_configs.read_cpi_config(configs)
    if config is not None:
        file = file.model_copy(update={"clouds": cpi_configs.clouds_of(config.document, file)})
    return read._replace(file=file, cpi_config=config)


def is_written(files: Files, settings: Settings) -> bool:
    """Whether a file says which cloud is meant."""
    return settings.environment == _LOCAL or files.is_there(path_of(settings))


def require_written(files: Files, settings: Settings) -> None:
    """Raise InputError, code `environment-file-missing`, where none does."""
    if not is_written(files, settings):
        raise _missing(files, settings, path_of(settings))


def read_written(files: Files, settings: Settings) -> ReadFile:
    """The file alone, without what it names. Raises InputError or Problems, `environment-file-missing`."""
    check_environment(settings)
    require_written(files, settings)
    path = own = path_of(settings)
    if not files.is_there(own):
        path = files.bundled(f"{_SHIPPED}/{_LOCAL}.yml")
    written = texts.read_environment_file(texts.Reading(source=files.read_source(path)))
    return ReadFile(file=written.document, written=written, folder=str(PurePath(path).parent), is_shipped=path != own)


def cloud_choices(file: EnvironmentFile) -> tuple[CloudChoice, ...]:
    """The environment's clouds; a single one without a name is ONLY_CLOUD."""
    if file.clouds:
        return tuple(
            CloudChoice(name=each.name, plugin=each.plugin, properties=_plain(each.properties)) for each in file.clouds
        )
    return (CloudChoice(name=ONLY_CLOUD, plugin=file.cloud or "local", properties=_plain(file.properties)),)


def file_of_cloud(environment: EnvironmentName, choice: CloudChoice) -> ReadFile:
    """A file that has one cloud and nothing else. Raises InputError and Problems for settings that are none."""
    own: dict[str, Property] = {"name": choice.name, "plugin": choice.plugin, "properties": choice.properties}
    only: dict[str, Property] = {"cloud": choice.plugin, "properties": choice.properties}
    tree: dict[str, Property] = {"name": environment, **(only if choice.name == ONLY_CLOUD else {"clouds": [own]})}
    source = Source(name=f"{environment}.yml", content=writer.write_yaml(tree).encode())
    written = texts.read_environment_file(texts.Reading(source=source))
    return ReadFile(file=written.document, written=written, folder=".")


def jumpbox_addresses(file: EnvironmentFile, variables: Mapping[str, object]) -> Mapping[str, str]:
    """The jumpbox's public address on each cloud that has one, in the clouds' order.

    Landing zones give them (`variables` are their outputs); where a cloud has none, the file's own variables say where
    the jumpbox will be: `jumpbox_public_ip` on the first cloud, `NAME_jumpbox_public_ip` on each of several. None if
    the file wants jumpboxes without public addresses, or none.
    """
    if file.jumpbox.access != "public":
        return {}
    short = f"{JUMPBOX}_public_ip"
    found: dict[str, str] = {}
    names = [choice.name for choice in cloud_choices(file)]
    for number, name in enumerate(names):
        own = f"{cloud_names.prefix_of(name, names)}{short}"
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
    if file.jumpbox.access != "public":
        public_names = tuple(name for name in public_names if name != JUMPBOX)
    return LandingSpec(
        networks=own.networks if own is not None and own.networks is not None else file.networks,
        public_names=public_names,
    )


def path_of(settings: Settings) -> str:
    """Where the environment's own file is, if it has one."""
    return f"{settings.home}/environments/{settings.environment}.yml"


def _missing(files: Files, settings: Settings, own: str) -> InputError:
    name, folder = settings.environment, str(PurePath(own).parent)
    shipped = [each.removesuffix(".yml") for each in files.list_folder(files.bundled(_SHIPPED))]
    near = nearest.nearest_word(name, [each.removesuffix(".yml") for each in files.list_folder(folder)])
    hint = f"Did you mean '{near}'? " if near and near != name else ""
    cloud = f" --cloud {name}" if name in shipped else ""
    command = f"{settings.program} init -e {name}{cloud}"
    return InputError(
        "environment-file-missing",
        f"Environment '{name}' has no file, so its cloud is unknown.",
        why=f"{own} does not exist; only the environment '{_LOCAL}' works without a file.",
        fix=f"{hint}To create one, run `{command}`.",
    )


def _plain(properties: Mapping[str, object]) -> Mapping[str, JsonValue]:
    return cast(Mapping[str, JsonValue], properties)
