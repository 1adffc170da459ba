"""The use case `update-config`: a new version of a config, checked as a plan would check it, then stored.

Takes a ConfigHome and a request, gives the version with what is worth knowing of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import field
from pathlib import PurePath
from types import MappingProxyType

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director.app.sessions import environment_files, reading, release_addresses
from director.app.sessions.config_home import ConfigHome
from director.app.use_cases import stored_configs
from director.errors import InputError, raise_all
from director.model.configs import ConfigType, DiffLine, KeptConfigs, StoredConfig
from director.model.documents import Document, Remark, Source, WrittenDocument
from director.model.releases.release import ReleaseReference
from director.model.secret_ref import Property
from director.model.tasks.caller import Caller
from director.model.written.deploy_config import DeployConfig
from director.model.written.kinds import Piece
from director.model.written.resurrection_config import ResurrectionConfig
from director.model.written.runtime_config import RuntimeConfig
from director.report import release_rows
from director.resolve import front as resolving
from director.text import front as texts
from director.text import merged_configs
from director.text.ops import operations, patch
from director.text.variables import interpolate, lookup, variables
from director.text.variables.bind import KnownNames
from director.text.variables.variables import VariableSources
from director.text.yaml import reader, writer

Confirm = Callable[[Sequence[DiffLine]], None]
"""Shows what differs and asks; raises to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigUpdate:
    """What to store, under which type and name; ops and variables are applied to it before it is stored."""

    type: ConfigType
    name: str
    document: Source
    caller: Caller
    ops: tuple[Source, ...] = ()
    variables: VariableSources = field(default_factory=VariableSources)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatedConfig:
    """`is_new` is False where the current version has the same content."""

    config: StoredConfig
    is_new: bool
    diff: tuple[DiffLine, ...] = ()
    remarks: tuple[Remark, ...] = ()


def update_config(home: ConfigHome, update: ConfigUpdate, confirm: Confirm) -> UpdatedConfig:
    """Store it as the current version of its type and name, unless that has the same content.

    Raises InputError and Problems: what the document's own checks and those across the configs of its type find;
    config-moved.
    """
    given = _filled_in(update)
    kept = home.kept()
    current = kept.find(update.type, update.name)
    content = given.content.decode()
    if current is not None and current.content == content:
        return UpdatedConfig(config=current, is_new=False)
    config = StoredConfig(
        environment=home.settings.environment,
        type=update.type,
        name=update.name,
        content=content,
        who=update.caller.who,
        at=home.clock.now(),
    )
    remarks = _check(home, KeptConfigs((*kept.current, config), given=given), config)
    diff = stored_configs.diff_configs(kept.source_of(current) if current else None, given)
    confirm(diff)
    saved = home.records.save_config(config, replaces=current.number if current else 0)
    if saved is None:
        raise _moved(config)
    return UpdatedConfig(config=saved, is_new=True, diff=diff, remarks=remarks)


def _filled_in(update: ConfigUpdate) -> Source:
    """The document with ops and variables applied; without any as it was given. Raises InputError and Problems."""
    document = reader.read_document(update.document)
    changes = [one for source in update.ops for one in operations.read_operations(reader.read_document(source))]
    values = variables.read_values(update.variables)
    filled = interpolate.interpolate_document(patch.apply_operations(document, changes), lookup.Lookup(values))
    if not isinstance(filled.tree, Mapping):
        raise merged_configs.not_a_map(Document(tree=filled.tree, spans=filled.spans))
    if filled.tree == document.tree:
        return update.document
    return Source(name=update.document.name, content=writer.write_yaml(filled.tree).encode())


def _check(home: ConfigHome, kept: KeptConfigs, config: StoredConfig) -> tuple[Remark, ...]:
    match config.type:
        case ConfigType.CLOUD:
            return _check_cloud(home, kept)
        case ConfigType.RUNTIME:
            return _check_runtime(home, kept)
        case ConfigType.CPI:
            return _check_cpis(home, kept)
        case _:
            home.configs(kept)
            return (*_check_unused(home, kept, config), _without_effect(config))


_UNUSED: Mapping[ConfigType, type[Piece]] = MappingProxyType(
    {ConfigType.RESURRECTION: ResurrectionConfig, ConfigType.DEPLOY: DeployConfig}
)
"""Models of configs that nothing reads later: what is written must be what BOSH has."""


def _check_unused(home: ConfigHome, kept: KeptConfigs, config: StoredConfig) -> tuple[Remark, ...]:
    reading_ = texts.Reading(source=kept.source_of(config), known=_known(home))
    checked = texts.check_config(reading_, _UNUSED[config.type])
    raise_all(checked.problems)
    return tuple(checked.remarks)


def _check_cloud(home: ConfigHome, kept: KeptConfigs) -> tuple[Remark, ...]:
    """All cloud configs together, with the CPIs that AZs may name; the CPIs' own faults are not this config's."""
    configs, environment = home.configs(kept), home.settings.environment
    checked = texts.check_cloud_config(reading.cloud_config_reading(configs, environment, _known(home)))
    problems: list[ExplainedError] = list(checked.problems)
    remarks = list(checked.remarks)
    if checked.cloud_config is not None:
        file = environment_files.read_environment_file(home.files, home.settings, kept).file
        clouds = tuple(choice.name for choice in environment_files.cloud_choices(file))
        found, answer = resolving.check_cloud_config(checked.cloud_config, environment, clouds)
        open_places = {remark.where for remark in checked.remarks if remark.code == texts.OPEN_VARIABLE}
        absent = {code: key for code, key in _SECTIONS.items() if not getattr(checked.cloud_config.document, key)}
        judged = [problem for problem in found if problem.where not in open_places]
        problems.extend(problem for problem in judged if problem.code not in absent)
        remarks.extend((*answer, *_of_absent(judged, absent)))
    raise_all(problems)
    return tuple(remarks)


_SECTIONS = {"unknown-az": "azs", "unknown-vm-type": "vm_types", "unknown-vm-extension": "vm_extensions"}
"""By the code of an unknown name: what another config may bring."""


def _of_absent(problems: Sequence[InputError], absent: Mapping[str, str]) -> Iterator[Remark]:
    """One for each section that no cloud config has, of which one names something."""
    for code, key in absent.items():
        named = [problem for problem in problems if problem.code == code]
        if named:
            text = f"No cloud config has {key} yet, of which this one names some; deploys are refused before one has."
            yield Remark(code="cloud-config-incomplete", text=text, where=named[0].where)


def _check_runtime(home: ConfigHome, kept: KeptConfigs) -> tuple[Remark, ...]:
    found = home.configs(kept).list_documents(ConfigType.RUNTIME)
    known = _known(home)
    checked = texts.check_runtime_configs([texts.Reading(source=one.source, known=known) for one in found])
    raise_all(checked.problems)
    return (*checked.remarks, *_missing_releases(home, checked.runtime_configs))


def _missing_releases(home: ConfigHome, configs: Sequence[WrittenDocument[RuntimeConfig]]) -> Iterator[Remark]:
    """Releases that are nowhere yet: BOSH stores such a config, and refuses each deployment that gets the addon."""
    records = home.releases.list_releases()
    read = environment_files.read_written(home.files, home.settings)
    for config in configs:
        for index, use in enumerate(config.document.releases):
            versions = {record.version for record in records if record.name == use.name}
            where = config.where("releases", index)
            reference = ReleaseReference(name=use.name, version=use.version, url=use.url or "", where=where)
            candidates = tuple(release_addresses.references_in(reference, read.file.release_sources, base=read.folder))
            if use.url is None and use.version not in versions and not _is_on_disk(home, candidates):
                yield Remark(
                    code="runtime-release-missing", text=_missing(reference, versions, candidates), where=where
                )


def _is_on_disk(home: ConfigHome, candidates: Sequence[ReleaseReference]) -> bool:
    """Whether a directory of the environment's sources has it; addresses are asked by deploys alone."""
    paths = (str(PurePath(one.base, one.url)) for one in candidates if not release_addresses.is_address(one.url))
    return any(map(home.files.is_there, paths))


def _missing(reference: ReleaseReference, versions: Set[str], candidates: Sequence[ReleaseReference]) -> str:
    known = ", ".join(sorted(versions)) or "none"
    asked = [release_rows.shown_address(one.url) for one in candidates if release_addresses.is_address(one.url)]
    text = f"Release '{reference.name}/{reference.version}' has no url and is not uploaded (uploaded: {known}). "
    if asked:
        return f"{text}Deploys with its addons look for it at {', '.join(asked)}."
    return f"{text}Deploys with its addons are refused until it is."


def _check_cpis(home: ConfigHome, kept: KeptConfigs) -> tuple[Remark, ...]:
    """The properties are those that the plugins accept; no cloud is asked."""
    read = environment_files.read_environment_file(home.files, home.settings, kept)
    home.connect(read)
    remarks = read.cpi_config.remarks if read.cpi_config is not None else ()
    saved = home.store.load_environment(home.settings.environment)
    if saved is None:
        return remarks
    names = {choice.name for choice in environment_files.cloud_choices(read.file)}
    gone = [choice.name for choice in saved.clouds if choice.name not in names]
    text = f"Environment '{saved.name}' was created on other clouds: {', '.join(map(repr, gone))}. Until they are "
    text += "configured again, its commands are refused."
    return (*remarks, Remark(code="environment-clouds-gone", text=text)) if gone else remarks


def _known(home: ConfigHome) -> KnownNames:
    """Values as a deploy has them, but those that are given to it."""
    saved = home.store.load_environment(home.settings.environment)
    file = environment_files.read_written(home.files, home.settings).file
    values: dict[str, Property] = {**(saved.variables if saved else {}), **file.variables}
    return KnownNames(values=values)


def _without_effect(config: StoredConfig) -> Remark:
    reasons = {
        ConfigType.RESURRECTION: "nothing recreates VMs between commands",
        ConfigType.DEPLOY: "the flags of `compleat deploy` are given on the command line",
    }
    text = f"The {config.title} is kept, but has no effect: {reasons[config.type]}."
    return Remark(code="config-unused", text=text)


def _moved(config: StoredConfig) -> InputError:
    return InputError(
        "config-moved",
        f"The {config.title} was changed while the command waited for confirmation.",
        why="Another command has stored or deleted a version of it since; nothing was stored.",
        fix="Run the same command again: it shows what differs now.",
    )
