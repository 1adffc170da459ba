"""Where an environment's file, and its CPI config, have what a cloud refuses: settings, networks, public names.

Takes the documents, gives DocumentPlaces.
"""

from collections.abc import Iterator

from director.model.document_places import DocumentPlaces
from director.model.documents import WrittenDocument
from director.model.spans import Path
from director.model.written.cpi_config import CpiConfig
from director.model.written.environment_file import EnvironmentFile
from director.resolve.document_places import each_value


def environment_places(
    written: WrittenDocument[EnvironmentFile], cpi_config: WrittenDocument[CpiConfig] | None
) -> DocumentPlaces:
    """The first place of each text of the clouds' settings, and of what is named for the landing zone."""
    names: dict[str, str] = {}
    for path, settings in _settings(written.document):
        for inner, value in each_value(settings, ()):
            if isinstance(value, str):
                names.setdefault(value, written.where(*path, *inner))
    for index, cpi in enumerate(cpi_config.document.cpis if cpi_config else ()):
        for inner, value in each_value(cpi.properties, ()):
            if isinstance(value, str) and cpi_config:
                names.setdefault(value, cpi_config.where("cpis", index, "properties", *inner))
    for path, name in _named(written.document):
        names.setdefault(name, written.where(*path))
    return DocumentPlaces(names=names)


def _settings(file: EnvironmentFile) -> Iterator[tuple[Path, object]]:
    yield ("properties",), file.properties
    for index, cloud in enumerate(file.clouds):
        yield ("clouds", index, "properties"), cloud.properties
    yield ("stemcells",), file.stemcells


def _named(file: EnvironmentFile) -> Iterator[tuple[Path, str]]:
    for name, cidr in file.networks.items():
        yield from ((("networks", name), one) for one in (name, cidr))
    yield from ((("public_names", index), name) for index, name in enumerate(file.public_names))
    for index, cloud in enumerate(file.clouds):
        yield from ((("clouds", index, "networks", name), name) for name in cloud.networks or ())
