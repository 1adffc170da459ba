"""Disk hints as they cross: read back they are what they were."""

import pytest

from cpi.contract.protocol import hints
from cpi.contract.values import JsonValue

CONTROLLER = "{f8b3781b-1e82-4818-a1c3-63d806ec15bb}"


@pytest.mark.parametrize(
    ("hint", "written"),
    [
        ("/dev/disk/azure/scsi1/lun2", {"lun": "2", "host_device_id": CONTROLLER}),
        ("/dev/sdf", "/dev/sdf"),
        ("/dev/vdc", "/dev/vdc"),
    ],
)
def test_a_hint_is_written_as_a_bosh_agent_follows_it(hint: str, written: JsonValue) -> None:
    assert hints.write_hint(hint) == written
    assert hints.read_hint(written) == hint
