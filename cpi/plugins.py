"""Find a cloud plugin by name: ours from a table, others by entry point. The one dynamic import of cpi.

Takes a name, gives a Plugin. A BOSH CPI executable is called by its path.
"""

import difflib
import importlib
import importlib.metadata

from cpi.cloud import Plugin
from cpi.errors import NotFoundError, NotSupportedError

_OURS = {name: f"cpi.{name}.plugin" for name in ("aws", "azure", "local", "memory", "openstack")}

_EXECUTABLE = "exec:"


def find_plugin(name: str) -> Plugin:
    """Give the plugin called `name`; `exec:PATH` is an executable.

    Raises NotFoundError, code `unknown-cloud`; NotSupportedError, code `cloud-sdk-missing`, naming what to install.
    """
    if name.startswith(_EXECUTABLE):
        external: Plugin = importlib.import_module("cpi.external.plugin").ExternalPlugin(name)
        return external
    if name in _OURS:
        return _load_ours(name, _OURS[name])
    points = {point.name: point for point in importlib.metadata.entry_points(group="compleat.clouds")}
    if name in points:
        loaded: Plugin = points[name].load()
        return loaded
    raise _unknown(name, sorted({*_OURS, *points}))


def _load_ours(name: str, module: str) -> Plugin:
    try:
        plugin: Plugin = importlib.import_module(module).PLUGIN
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("cpi", ""):
            raise  # a mistake of ours, not a package that is not there
        raise NotSupportedError(
            "cloud-sdk-missing",
            f"The cloud plugin '{name}' needs a package that is not installed: {error.name}.",
            why="Each cloud's own packages are installed only where they are asked for.",
            fix=f"Run `pip install 'compleat[{name}]'` (from a checkout: `pip install -e '.[{name}]'`).",
        ) from error
    return plugin


def _unknown(name: str, known: list[str]) -> NotFoundError:
    near = difflib.get_close_matches(name, known, n=1)
    return NotFoundError(
        "unknown-cloud",
        f"There is no cloud plugin called '{name}'.",
        why=f"Known are: {', '.join(known)}, and exec:PATH for a BOSH CPI executable.",
        fix=f"Write '{near[0]}'." if near else "Install the plugin, or name a known one.",
    )
