"""The use cases `configs`, `config`, `diff-config` and `delete-config`.

Takes a ConfigHome, gives tables, documents and differences, or deletes.
"""

from collections.abc import Callable, Iterator, Sequence

from cpi.contract.value_classes import dataclass
from director.app.sessions import config_uses
from director.app.sessions.config_home import ConfigHome
from director.app.sessions.config_uses import Entry
from director.errors import InputError
from director.model.configs import ConfigType, DiffLine, KeptConfigs, StoredConfig
from director.model.documents import Source
from director.model.report import Table
from director.report import config_rows
from director.text import changesets, nearest
from director.text.yaml import reader


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigChoice:
    """A version by its number, or the current one of a type and name; None where it is not asked for."""

    number: int | None = None
    type: ConfigType | None = None
    name: str | None = None

    def is_met_by(self, config: StoredConfig) -> bool:
        """Whether the version is chosen."""
        return (
            (self.number is None or config.number == self.number)
            and (self.type is None or config.type is self.type)
            and (self.name is None or config.name == self.name)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownConfig:
    """`stored` is None for a file that the environment's file names."""

    name: str
    source: Source
    stored: StoredConfig | None = None


def list_configs(home: ConfigHome, choice: ConfigChoice, *, recent: int | None) -> Table:
    """The current versions, and the environment's files; with `recent` so many versions of each name.

    Places are listed only where that type is chosen: nothing is deployed with them.
    """
    versions = [
        config
        for config in home.records.list_configs(home.settings.environment)
        if config.type is not ConfigType.PLACE or choice.type is ConfigType.PLACE
    ]
    kept = KeptConfigs(versions)
    shown: list[StoredConfig] = []
    for current in kept.current:
        same = [each for each in versions if (each.type, each.name) == (current.type, current.name)]
        shown.extend(each for each in sorted(same, key=_newest_first)[: recent or 1] if choice.is_met_by(each))
    rows = [config_rows.config_row(each, is_current=each in kept.current) for each in shown]
    files = [] if choice.number is not None else list(_files(home, kept, choice))
    return Table(
        name="configs",
        columns=config_rows.COLUMNS if recent is None else config_rows.VERSION_COLUMNS,
        rows=tuple(sorted((*rows, *(config_rows.file_row(*each) for each in files)), key=config_rows.order)),
        empty="No configs.",
    )


def show_config(home: ConfigHome, choice: ConfigChoice) -> ShownConfig:
    """The document of one version. Raises InputError, code `config-missing`."""
    versions = home.records.list_configs(home.settings.environment)
    kept = KeptConfigs(versions)
    for config in versions if choice.number is not None else kept.current:
        if choice.is_met_by(config):
            return ShownConfig(name=config.name, source=kept.source_of(config), stored=config)
    if choice.number is None and choice.type is not None:
        for file in home.configs(kept).list_documents(choice.type):
            if file.name == choice.name:
                return ShownConfig(name=file.name, source=file.source)
    raise _missing(choice, versions)


def diff_configs(before: Source | None, after: Source | None) -> tuple[DiffLine, ...]:
    """What differs between two documents; None is one without anything."""
    trees = [reader.read_document(each).tree if each else None for each in (before, after)]
    return changesets.diff_trees(*trees)


def delete_configs(
    home: ConfigHome, choice: ConfigChoice, confirm: Callable[[Sequence[StoredConfig]], None]
) -> tuple[StoredConfig, ...]:
    """Delete the version of that number, or all versions of that type and name; gives what is deleted.

    Raises InputError, code `config-in-use`.
    """
    versions = home.records.list_configs(home.settings.environment)
    found = tuple(config for config in versions if choice.is_met_by(config))
    if not found:
        return ()
    _require_unused(home, versions, found)
    confirm(found)
    home.records.delete_configs(found)
    return found


def _newest_first(config: StoredConfig) -> int:
    return -config.number


def _files(home: ConfigHome, kept: KeptConfigs, choice: ConfigChoice) -> Iterator[tuple[ConfigType, str, str]]:
    configs = home.configs(kept)
    for type_ in (ConfigType.CLOUD, ConfigType.RUNTIME, ConfigType.CPI):
        for file in configs.files_of(type_):
            if choice.type in (None, type_) and choice.name in (None, file.name):
                yield type_, file.name, file.path


def _require_unused(home: ConfigHome, versions: Sequence[StoredConfig], gone: Sequence[StoredConfig]) -> None:
    """Refuse to delete what deployments use and what no config defines any more after it."""
    type_ = gone[0].type
    if type_ is ConfigType.TEMPLATE:
        raise InputError(
            "config-in-use",
            f"The {gone[0].title} records what a template described when it was deployed.",
            why="The next `up` of the template, and other deployments, read it.",
            fix=f"Delete the template's VMs with `compleat delete-deployment -d {gone[0].name}`: it goes with them.",
        )
    before, after = KeptConfigs(versions), KeptConfigs(config for config in versions if config not in gone)
    lost = _defined(before, type_) - _defined(after, type_)
    users = [f"{user} ({_words(used & lost)})" for user, used in _uses(home, type_) if used & lost]
    if users:
        raise InputError(
            "config-in-use",
            f"The {gone[0].title} is in use.",
            why=f"Used by: {'; '.join(users)}.",
            fix="Store a version without it and deploy these deployments, or delete them; then delete the config.",
        )


def _defined(kept: KeptConfigs, type_: ConfigType) -> frozenset[Entry]:
    return config_uses.defined_by(type_, map(kept.source_of, kept.of_type(type_)))


def _uses(home: ConfigHome, type_: ConfigType) -> Iterator[tuple[str, frozenset[Entry]]]:
    environment = home.settings.environment
    if type_ is ConfigType.CPI:
        saved = home.store.load_environment(environment)
        clouds = [choice.name for choice in saved.clouds] if saved else []
        yield f"environment '{environment}'", frozenset(("CPI", name) for name in clouds)
        return
    states = home.store.list_deployments(environment)
    manifests = [(str(state.deployment), state.manifest) for state in states]
    manifests += [(str(run.deployment), run.plan.manifest or "") for run in home.journal.open_runs(environment)]
    for deployment, manifest in dict.fromkeys(manifests):
        if manifest:
            yield f"deployment '{deployment}'", config_uses.used_by(manifest, deployment)


def _words(entries: frozenset[Entry]) -> str:
    return ", ".join(f"{kind} '{name}'" for kind, name in sorted(entries))


def _missing(choice: ConfigChoice, versions: Sequence[StoredConfig]) -> InputError:
    if choice.number is not None:
        what, known = f"There is no config of id {choice.number}.", [str(each.number) for each in versions]
        why, near = f"Known ids: {', '.join(known) or 'none'}.", ""
    else:
        what = f"There is no {choice.type} config '{choice.name}'."
        known = sorted({each.name for each in versions if each.type is choice.type})
        why = f"Stored {choice.type} configs: {', '.join(known) or 'none'}; the environment's file names none."
        near = nearest.nearest_word(str(choice.name), known)
    fix = "`compleat configs` lists them; `compleat update-config` stores one."
    return InputError(
        "config-missing",
        what,
        why=why,
        fix=f"Did you mean '{near}'?" if near else fix,
    )
