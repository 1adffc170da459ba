"""Environment files: read, or taken from what ships with us.

Takes files and settings, gives the file as written and the folder its paths are meant from.
"""

from collections.abc import Mapping
from pathlib import PurePath
from typing import cast

from cpi.values import JsonValue
from director.app.settings import Settings
from director.model.environment import CloudChoice
from director.model.written.environment_file import EnvironmentFile
from director.ports.files import Files
from director.text import front as texts

_BUNDLED = "manifests/environments/local.yml"


def read_environment_file(files: Files, settings: Settings) -> tuple[EnvironmentFile, str]:
    """`<home>/environments/<name>.yml`; without one, the local cloud's under that name."""
    own = f"{settings.home}/environments/{settings.environment}.yml"
    path = own if files.is_there(own) else files.bundled(_BUNDLED)
    written = texts.read_environment_file(texts.Reading(source=files.read_source(path)))
    file = written.document
    if path != own:
        file = file.model_copy(update={"name": settings.environment})
    return file, str(PurePath(path).parent)


def cloud_choices(file: EnvironmentFile) -> tuple[CloudChoice, ...]:
    """The environment's clouds; a single one has the name ""."""
    if file.clouds:
        return tuple(
            CloudChoice(name=each.name, plugin=each.plugin, properties=_plain(each.properties)) for each in file.clouds
        )
    return (CloudChoice(name="", plugin=file.cloud or "local", properties=_plain(file.properties)),)


def _plain(properties: Mapping[str, object]) -> Mapping[str, JsonValue]:
    return cast(Mapping[str, JsonValue], properties)
