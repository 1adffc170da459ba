"""The configs that an environment's deployments are made with: files that its file names, and those that are stored.

Takes the environment's file and the stored configs, gives documents by name. A config is a file or stored, never both;
only the file that ships with us gives way to what is stored.
"""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import PurePath

from cpi.contract.value_classes import dataclass
from director.app.sessions import template_records
from director.errors import InputError, raise_all
from director.model.configs import DEFAULT_NAME, ConfigType, KeptConfigs
from director.model.documents import Source, WrittenDocument
from director.model.spans import Path
from director.model.written.environment_file import EnvironmentFile
from director.ports.files import Files


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedConfig:
    """A config as a document; `number` is that of its version, 0 for a file."""

    name: str
    source: Source
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """A config that the environment's file names, by a path that is meant from its folder; `key` is what names it."""

    name: str
    path: str
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentConfigs:
    """`folder` is where the file's paths are meant from; `is_shipped` says that it is the one that ships with us.

    `planned_files` are those that are not written yet, by their paths.
    """

    files: Files
    written: WrittenDocument[EnvironmentFile]
    folder: str
    is_shipped: bool = False
    kept: KeptConfigs = field(default_factory=KeptConfigs)
    planned_files: Mapping[str, str] = field(default_factory=dict)

    def list_documents(self, type_: ConfigType) -> tuple[NamedConfig, ...]:
        """All of the type, files first. Raises InputError: config-twice, and what reading a file raises."""
        stored = [
            NamedConfig(name=config.name, source=self.kept.source_of(config), number=config.number)
            for config in self.kept.of_type(type_)
        ]
        files, names = self.files_of(type_), {config.name for config in stored}
        raise_all([self._twice(type_, file) for file in files if file.name in names])
        of_templates = self._of_templates() if type_ is ConfigType.CLOUD else ()
        return (*(NamedConfig(name=file.name, source=self._source(file)) for file in files), *stored, *of_templates)

    def files_of(self, type_: ConfigType) -> tuple[ConfigFile, ...]:
        """Those that the environment's file names; none where what is stored takes the place of the shipped one."""
        if self.is_shipped and self.kept.of_type(type_):
            return ()
        return tuple(ConfigFile(name=name, path=path, key=key) for name, path, key in self._named(type_))

    def _of_templates(self) -> Iterator[NamedConfig]:
        """What templates that are deployed add to the cloud config."""
        for config in self.kept.of_type(ConfigType.TEMPLATE):
            source = template_records.cloud_config_of(config)
            yield NamedConfig(name=source.name, source=source, number=config.number)

    def _named(self, type_: ConfigType) -> Iterator[tuple[str, str, Path]]:
        """A runtime config is called as its file, the others by default."""
        file = self.written.document
        if type_ is ConfigType.CLOUD and file.cloud_config is not None:
            yield DEFAULT_NAME, file.cloud_config, ("cloud_config",)
        if type_ is ConfigType.CPI and file.cpi_config is not None:
            yield DEFAULT_NAME, file.cpi_config, ("cpi_config",)
        if type_ is ConfigType.RUNTIME:
            for index, path in enumerate(file.runtime_configs):
                yield PurePath(path).stem, path, ("runtime_configs", index)

    def _source(self, file: ConfigFile) -> Source:
        """A file that the environment file names. Raises what reading it raises, with the place of its name."""
        path = posixpath.normpath(PurePath(self.folder, file.path))
        if path in self.planned_files:
            return Source(name=path, content=self.planned_files[path].encode())
        try:
            return self.files.read_source(file.path, base=self.folder)
        except InputError as error:
            error.where = self.written.where(*file.key)
            raise

    def _twice(self, type_: ConfigType, file: ConfigFile) -> InputError:
        return InputError(
            "config-twice",
            f"The {type_} config '{file.name}' is both stored and a file.",
            why=f"The environment's file names a file for it, and `compleat config --type {type_} --name {file.name}` "
            "shows the stored one.",
            fix=f"Remove `{file.key[0]}` from the environment's file, or give the stored one another name with --name.",
            where=self.written.where(*file.key),
        )
