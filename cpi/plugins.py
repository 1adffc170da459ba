"""Find a cloud plugin by name: ours from a table, others by entry point. The one dynamic import of cpi.

Takes a name, gives a Plugin. A BOSH CPI executable is called by its path.
"""

import difflib
import importlib
import importlib.metadata

from cpi.cloud import Plugin
from cpi.errors import NotFoundError

_OURS = {name: f"cpi.{name}.plugin" for name in ("aws", "azure", "local", "memory", "openstack")}

_EXECUTABLE = "exec:"


def find_plugin(name: str) -> Plugin:
    """Give the plugin called `name`; `exec:PATH` is an executable. Raises NotFoundError, code `unknown-cloud`."""
    if name.startswith(_EXECUTABLE):
        external: Plugin = importlib.import_module("cpi.external.plugin").ExternalPlugin(name)
        return external
    if name in _OURS:
        plugin: Plugin = importlib.import_module(_OURS[name]).PLUGIN
        return plugin
    points = {point.name: point for point in importlib.metadata.entry_points(group="compleat.clouds")}
    if name in points:
        loaded: Plugin = points[name].load()
        return loaded
    raise _unknown(name, sorted({*_OURS, *points}))


def _unknown(name: str, known: list[str]) -> NotFoundError:
    near = difflib.get_close_matches(name, known, n=1)
    return NotFoundError(
        "unknown-cloud",
        f"There is no cloud plugin called '{name}'.",
        why=f"Known are: {', '.join(known)}, and exec:PATH for a BOSH CPI executable.",
        fix=f"Write '{near[0]}'." if near else "Install the plugin, or name a known one.",
    )
