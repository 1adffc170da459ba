"""The use case of a cloud's own command: the environment's file says which cloud is meant and how it is reached.

Takes the environment's file, the plugin's name and its arguments, gives the result. Keeps no state.
"""

from collections.abc import Callable, Mapping

from cpi import plugins
from cpi.contract.commands import CloudCommand, CommandCall, CommandResult
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from director.app.sessions import environment_files
from director.app.sessions.environment_files import ReadFile
from director.app.sessions.settings import Settings
from director.errors import InputError
from director.model import cloud_names
from director.model.environments.environment import CloudChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRequest:
    """`plugin` offers `command`; `cloud` is one of the environment's by name, "" where only one is of that plugin."""

    plugin: str
    command: CloudCommand
    cloud: str
    options: Mapping[str, str]


def run_command(
    read: ReadFile, settings: Settings, quota_options: CommandRequest, *, report: Callable[[str], None]
) -> CommandResult:
    """Prepare and run it. Raises InputError while nothing is made yet, CloudError after that."""
    index, choice = _chosen(read, quota_options)
    call = CommandCall(
        environment=settings.environment,
        properties=choice.properties,
        options=quota_options.options,
        report=report,
        tags=read.file.tags,
    )
    try:
        run = plugins.find_prepare(quota_options.plugin, quota_options.command)(call)
    except CloudError as error:
        where = read.where_of_cloud(index, is_plugin=False)
        raise InputError.of(error, where=where) from error
    return run()


def _chosen(read: ReadFile, quota_options: CommandRequest) -> tuple[int, CloudChoice]:
    """The cloud that is meant, and which one of the file it is."""
    all_ = tuple(enumerate(environment_files.cloud_choices(read.file)))
    named = [
        (index, each)
        for index, each in all_
        if each.plugin == quota_options.plugin and quota_options.cloud in ("", each.name)
    ]
    if len(named) == 1:
        return named[0]
    found = ", ".join(f"'{cloud_names.shown_name(each.name) or each.plugin}' ({each.plugin})" for _, each in all_)
    raise InputError(
        "cloud-not-meant",
        f"Environment '{read.file.name}' has {'several clouds' if named else 'no cloud'} that matches the command.",
        why=f"The command needs a cloud of kind '{quota_options.plugin}'; the environment has {found}.",
        fix="Name one with `--cloud`." if named else "Choose another environment with -e, or correct its file.",
        where=read.written.where(),
    )
