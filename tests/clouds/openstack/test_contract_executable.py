"""The contract suite through BOSH's protocol on a real OpenStack: `exec:` on one side, `compleat cpi` on the other.

What CPI v2 says otherwise is tested as on every cloud (tests/contract/cloud/test_protocol.py).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clouds.openstack import emptied, place
from tests.clouds.openstack.emptied import Suite
from tests.contract.cloud.protocol import through_protocol
from tests.contract.cloud.subjects import Subject
from tests.contract.cloud.test_protocol import *  # noqa: F403

# Networks that are created are tested on this cloud without the protocol (test_contract.py), and with it on others.
del test_a_network_is_created_once_holds_vms_and_is_deleted_whole  # noqa: F821

USER = place.FIFTH_USER


@pytest.fixture(scope="module")
def suite() -> Iterator[Suite]:
    """The cloud all of these tests run on."""
    with emptied.suite_of(USER) as found:
        yield found


@pytest.fixture  # type: ignore[no-redef]
def subject(suite: Suite, tmp_path: Path) -> Subject:
    """CPI v2 through the protocol; looking, landing and power by the cloud itself."""
    return through_protocol(suite.subject(), tmp_path)
