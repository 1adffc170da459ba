"""A template on an emulated cloud with real machines: killed in the middle, made whole, compared, taken down."""

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from tests.e2e.clouds import on_aws, on_azure
from tests.e2e.clouds import place as places
from tests.e2e.clouds.place import Place
from tests.support import killed_commands, whole_template
from tests.support.bodies import ground
from tests.support.command import Compleat

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(ground.missing()), reason=ground.missing() or "there can be bodies"),
]
BACKED_UP = ("-p", "hasBackups=true", "-p", "backups=backups4711")
UP = (*whole_template.UP, *BACKED_UP)


@pytest.mark.parametrize(
    ("opened", "call"), [(on_aws.opened, "CreateVolume"), (on_azure.opened, "PUT disks")], ids=["aws", "azure"]
)
def test_a_template_is_made_whole_after_a_kill_and_taken_down(
    opened: Callable[[], AbstractContextManager[Place]], call: str, new_compleat: Callable[[], Compleat]
) -> None:
    compleat = replace(new_compleat(), is_warm=True)
    with opened() as place:
        places.write_environment(compleat, place)
        before = tuple(place.held())
        try:
            assert set(whole_template.changes(compleat, *BACKED_UP).values()) == {"Create"}
            assert tuple(place.held()) == before, "what-if creates nothing"
            killed_commands.kill_when(lambda: call in place.calls(), compleat, *UP, patience_s=180)
            outputs = whole_template.run_through(compleat, *BACKED_UP, is_open=_is_open)
            assert "backups4711/" in outputs["backupsUrl"]["value"]
            assert len(place.bodies.standing()) == 3
        finally:
            report = compleat.run("down", "-n", "--json").ended().json
        assert [report["left"], report["missing"]] == [[], []]
        assert tuple(place.held()) == before
        assert place.bodies.standing() == {}


def _is_open(address: str, port: int) -> bool:
    """A body's public address listens on the ports that its security groups let this machine in to."""
    try:
        socket.create_connection((address, port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True
