"""Find a cloud plugin, or a cloud's own commands, by name: ours from a table, others by entry point.

Takes a name, gives a Plugin or commands. A BOSH CPI executable is called by its path. The one dynamic import of cpi.
"""

import difflib
import importlib
import importlib.metadata
from types import ModuleType

from cpi.contract import error_origins
from cpi.contract.cloud import ConnectedCloud, ConnectSettings, Plugin
from cpi.contract.commands import WITH_COMMANDS, CloudCommand, Prepare
from cpi.contract.errors import NotFoundError, NotSupportedError
from cpi.contract.setup import WITH_SETUP, Suggest

_BUILTIN = {name: f"cpi.clouds.{name}.plugin" for name in ("aws", "azure", "local", "memory", "openstack")}

_EXECUTABLE = "exec:"


def find_plugin(name: str) -> Plugin:
    """Give the plugin called `name`; `exec:PATH` is an executable.

    Raises NotFoundError, code `unknown-cloud`; NotSupportedError, code `cloud-sdk-missing`, naming what to install.
    """
    if name.startswith(_EXECUTABLE):
        external: Plugin = importlib.import_module("cpi.clouds.external.plugin").ExternalPlugin(name)
        return external
    if name in _BUILTIN:
        own: Plugin = _load_builtin(name, _BUILTIN[name]).PLUGIN
        return own
    points = _entry_points()
    if name in points:
        loaded: Plugin = points[name].load()
        return loaded
    raise _unknown(name, list(plugin_names()))


def plugin_names() -> tuple[str, ...]:
    """The plugins that are installed, by name; none is loaded."""
    return tuple(sorted({*_BUILTIN, *_entry_points()}))


def _entry_points() -> "dict[str, importlib.metadata.EntryPoint]":  # read here it would load the module
    return {point.name: point for point in importlib.metadata.entry_points(group="compleat.clouds")}


def connect(name: str, settings: ConnectSettings, *, called: str = "") -> ConnectedCloud:
    """Connect the plugin `name`; all that it raises names the cloud: `called`, or the plugin where that is "".

    Raises NotFoundError, code `unknown-cloud`; NotSupportedError, code `cloud-sdk-missing`; what the plugin raises.
    """
    with error_origins.from_cloud(called or name):
        connected = find_plugin(name).connect(settings)
    return error_origins.name_errors(connected, called or connected.name)


def find_commands(name: str) -> tuple[CloudCommand, ...]:
    """The own commands of the cloud `name`, which must be one of WITH_COMMANDS; none of its packages is needed."""
    found: tuple[CloudCommand, ...] = importlib.import_module(WITH_COMMANDS[name][0]).COMMANDS
    return found


def find_prepare(name: str, command: CloudCommand) -> Prepare:
    """What runs a command of the cloud `name`. Raises NotSupportedError, code `cloud-sdk-missing`."""
    prepare: Prepare = _load_builtin(name, command.module).prepare
    return prepare


def find_suggest(name: str, source: str) -> Suggest | None:
    """What suggests answers for the cloud `name`; None where it suggests none from that source.

    Raises NotSupportedError, code `cloud-sdk-missing`.
    """
    if name not in WITH_SETUP:
        return None
    found: Suggest | None = _load_builtin(name, WITH_SETUP[name]).SOURCES.get(source)
    return found


def _load_builtin(name: str, module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("cpi", ""):
            raise  # a bug, not a missing package
        raise NotSupportedError(
            "cloud-sdk-missing",
            f"The cloud plugin '{name}' needs a package that is not installed: {error.name}.",
            why="Each cloud's packages are optional and installed separately.",
            fix=f"Run `pip install 'compleat[{name}]'` (from a checkout: `pip install -e '.[{name}]'`).",
        ) from error


def _other_ways(name: str) -> str:
    return (
        f"A cloud that BOSH has a CPI for, such as vsphere or google, is `exec:` and the path of its CPI's executable: "
        f"`cloud: exec:/opt/{name}-cpi/bin/cpi` in the environment's file, `exec_path` in a CPI config; or install a "
        f"plugin with the name '{name}'."
    )


def _unknown(name: str, known: list[str]) -> NotFoundError:
    near = difflib.get_close_matches(name, known, n=1)
    return NotFoundError(
        "unknown-cloud",
        f"The cloud plugin '{name}' does not exist.",
        why=f"The plugins are {', '.join(known)}, and exec:PATH for a BOSH CPI executable.",
        fix=f"Write '{near[0]}'." if near else _other_ways(name),
    )
