"""No plugin waits for its cloud: what a cloud carries out for a while is Pending, and the engine keeps the time."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.support import sources

_ROOT = Path(__file__).parents[2]
_CLOUDS = tuple(f"cpi/clouds/{cloud}/" for cloud in ("aws", "azure", "openstack", "memory"))
_WAITING = frozenset({"sleep", "wait", "get_waiter", "wait_for_status", "wait_for_server", "wait_for_delete", "Timer"})
"""Names by which Python and the clouds' packages wait."""
_POLLERS = ("LROPoller", "ARMPolling", "LROBasePolling")
_ALLOWED = frozenset({"cpi/clouds/azure/roles/propagation.py"})
"""A command at the terminal that waits until the directory knows a principal; no run of the engine passes here."""


def _waits_in(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name):
                if name in _WAITING or name.startswith(_POLLERS):
                    yield name


def test_no_plugin_of_a_cloud_sleeps_or_polls() -> None:
    files = [one for one in sources.read_sources(_ROOT) if one.name.startswith(_CLOUDS) and one.name not in _ALLOWED]
    assert len(files) > 100
    found = [f"{source.name}: {name}" for source in files for name in _waits_in(source.nodes)]
    assert found == [], "return Pending: the engine looks again"


@pytest.mark.parametrize(
    "text",
    [
        "import time\ntime.sleep(2)",
        "from time import sleep",
        "client.get_waiter('snapshot_completed')",
        "from azure.core.polling import LROPoller",
        "threading.Event().wait(5)",
    ],
)
def test_the_lint_sees_each_way_to_wait(text: str) -> None:
    assert list(_waits_in(ast.walk(ast.parse(text))))
