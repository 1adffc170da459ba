"""Environment files: read, or taken from what ships with us.

Takes files and settings, gives the file as written and the folder its paths are meant from.
"""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import NamedTuple, cast

from cpi.values import JsonValue
from director.app.settings import Settings
from director.errors import InputError
from director.model.documents import Written
from director.model.environment import CloudChoice
from director.model.written.environment_file import EnvironmentFile
from director.ports.files import Files
from director.text import front as texts

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_BUNDLED = "manifests/environments/local.yml"


class ReadFile(NamedTuple):
    """The file as written, where its pieces are, and the folder its paths are meant from."""

    file: EnvironmentFile
    written: Written[EnvironmentFile]
    folder: str

    def where_of_cloud(self, index: int, *, is_plugin: bool) -> str:
        """The place of a cloud's plugin, or of its properties."""
        if self.file.clouds:
            return self.written.where("clouds", index, "plugin" if is_plugin else "properties")
        return self.written.where("cloud" if is_plugin else "properties")


def read_environment_file(files: Files, settings: Settings) -> ReadFile:
    """`<home>/environments/<name>.yml`; without one, the local cloud's under that name."""
    if not _NAME.fullmatch(settings.environment):
        raise InputError(
            "bad-environment-name",
            f"An environment cannot be called '{settings.environment}'.",
            why="A name is of letters, digits and '_', '.', '-', and begins with a letter or a digit.",
            fix="Choose such a name for -e or COMPLEAT_ENVIRONMENT.",
        )
    own = f"{settings.home}/environments/{settings.environment}.yml"
    path = own if files.is_there(own) else files.bundled(_BUNDLED)
    written = texts.read_environment_file(texts.Reading(source=files.read_source(path)))
    file = written.document
    if path != own:
        file = file.model_copy(update={"name": settings.environment})
    return ReadFile(file=file, written=written, folder=str(PurePath(path).parent))


def cloud_choices(file: EnvironmentFile) -> tuple[CloudChoice, ...]:
    """The environment's clouds; a single one has the name ""."""
    if file.clouds:
        return tuple(
            CloudChoice(name=each.name, plugin=each.plugin, properties=_plain(each.properties)) for each in file.clouds
        )
    return (CloudChoice(name="", plugin=file.cloud or "local", properties=_plain(file.properties)),)


def _plain(properties: Mapping[str, object]) -> Mapping[str, JsonValue]:
    return cast(Mapping[str, JsonValue], properties)
