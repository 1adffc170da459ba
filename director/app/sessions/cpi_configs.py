"""A cpi-config read into an environment's clouds.

Takes an environment file as written and the reader of files, gives the file with `clouds` filled in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cpi import plugins
from director.app.sessions import environment_checks
from director.app.sessions.environment_configs import EnvironmentConfigs
from director.errors import InputError, raise_all
from director.model.configs import ConfigType, KeptConfigs, StoredConfig
from director.model.documents import WrittenDocument
from director.model.written.cpi_config import CpiConfig, WrittenCpi
from director.model.written.environment_file import EnvironmentFile, WrittenCloud, WrittenLanding
from director.text import front as texts
from director.text import nearest
from director.text.variables.bind import KnownNames
from director.text.yaml import reader


def read_cpi_config(configs: EnvironmentConfigs) -> WrittenDocument[CpiConfig] | None:
    """The CPI configs of the environment as one, None without any CPI in them.

    Raises InputError or Problems: cpi-config-names, cpi-config-unknown, cpi-stemcell-unused, cpi-config-empty.
    """
    found = [one.source for one in configs.list_documents(ConfigType.CPI)]
    if not found:
        return None
    known = KnownNames(values=configs.written.document.variables)
    config = _with_plugins(texts.read_cpi_config(texts.Reading(source=found[0], beside=tuple(found[1:]), known=known)))
    if not config.document.cpis:
        raise_all(list(_empty_file(configs, config)))
        return None
    _check_names(config)
    _check_own(configs.written, config.document)
    raise_all(list(environment_checks.check_stemcells(configs.written, config.document)))
    return config


def is_empty(kept: KeptConfigs, config: StoredConfig) -> bool:
    """Whether a stored CPI config lists no CPI, which BOSH takes as none: its director has a CPI of its own."""
    tree = reader.read_document(kept.source_of(config)).tree
    return isinstance(tree, Mapping) and tree.get("cpis") == []


def _empty_file(configs: EnvironmentConfigs, config: WrittenDocument[CpiConfig]) -> Iterator[InputError]:
    """A file of the environment that should say what its clouds are."""
    for file in configs.files_of(ConfigType.CPI):
        yield InputError(
            "cpi-config-empty",
            f"The cpi-config '{file.path}' of the environment's file lists no CPI.",
            why="BOSH's director then uses its own CPI; compleat has none beside those that the environment names.",
            fix="List a CPI there, or write `cloud` and `properties` in place of `cpi_config`.",
            where=config.where("cpis"),
        )


def _with_plugins(config: WrittenDocument[CpiConfig]) -> WrittenDocument[CpiConfig]:
    """A CPI whose `exec_path` is the one that a director has by itself means the plugin of that type."""
    cpis = tuple(
        cpi.model_copy(update={"exec_path": None}) if _is_of_director(cpi) else cpi for cpi in config.document.cpis
    )
    return replace(config, document=config.document.model_copy(update={"cpis": cpis}))


def _is_of_director(cpi: WrittenCpi) -> bool:
    return cpi.exec_path == f"/var/vcap/jobs/{cpi.type}_cpi/bin/cpi" and cpi.type in plugins.plugin_names()


def clouds_of(config: CpiConfig, file: EnvironmentFile) -> tuple[WrittenCloud, ...]:
    """One cloud for each CPI, in order: an executable, or the plugin that its type names."""
    return tuple(_cloud(cpi, file) for cpi in config.cpis)


def _cloud(cpi: WrittenCpi, file: EnvironmentFile) -> WrittenCloud:
    plugin, properties = cpi.type, cpi.properties
    if cpi.exec_path is not None:
        stemcell = file.stemcells.get(cpi.name)
        plugin = f"exec:{cpi.exec_path}"
        properties = {"context": cpi.properties, **({"stemcell": stemcell} if stemcell is not None else {})}
    own = file.landing.get(cpi.name, WrittenLanding())
    return WrittenCloud(
        name=cpi.name, plugin=plugin, properties=properties, networks=own.networks, public_names=own.public_names
    )


def _check_own(written: WrittenDocument[EnvironmentFile], config: CpiConfig) -> None:
    """What the environment's file says of one CPI is of one that the cpi-config has."""
    known = [cpi.name for cpi in config.cpis]
    for key, names in (("stemcells", written.document.stemcells), ("landing", written.document.landing)):
        for name in names:
            if name not in known:
                near = nearest.nearest_word(name, known)
                raise InputError(
                    "cpi-config-unknown",
                    f"'{key}' names CPI '{name}', which the cpi-config does not define.",
                    why=f"It has: {', '.join(known)}.",
                    fix=f"Did you mean '{near}'?" if near else "Name one of them.",
                    where=written.where(key, name),
                )


def _check_names(config: WrittenDocument[CpiConfig]) -> None:
    """Names and former names are one pool, as in BOSH."""
    seen: dict[str, str] = {}
    for index, cpi in enumerate(config.document.cpis):
        for name in (cpi.name, *(former.name for former in cpi.migrated_from)):
            if name in seen:
                raise InputError(
                    "cpi-config-names",
                    f"Two CPIs are called '{name}'.",
                    why=f"The other one is at {seen[name]}; those under migrated_from must be unique, too.",
                    fix="Rename one of them.",
                    where=config.where("cpis", index),
                )
            seen[name] = config.where("cpis", index)
