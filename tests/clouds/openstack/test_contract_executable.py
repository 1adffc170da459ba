"""BOSH's protocol on a real OpenStack: `exec:` on one side, `compleat cpi` on the other.

Every method once as it succeeds, and each kind of error that this cloud has. The protocol's code is the same for all
clouds, which run the whole suite through it (tests/contract/cloud); here a VM takes seconds.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clouds.openstack import emptied, place
from tests.clouds.openstack.emptied import Suite
from tests.contract.cloud.protocol import through_protocol
from tests.contract.cloud.subjects import Subject
from tests.contract.cloud.test_disks import (  # noqa: F401
    test_a_disk_grows_and_does_not_shrink,
    test_a_disk_is_there_once_for_its_owner_and_found,
    test_a_snapshot_is_there_once_and_goes,
    test_an_attached_disk_says_where_it_is,
    test_detaching_and_deleting_twice_is_fine,
    test_tags_of_a_disk_are_put_beside_its_owner,
    test_what_is_not_there_is_not_found,
)
from tests.contract.cloud.test_protocol import (  # noqa: F401
    test_a_public_address_that_is_taken_is_refused,
    test_a_vm_has_its_address_and_the_owner_key_of_whoever_called,
    test_an_attached_disk_is_kept_where_it_is,
    test_what_the_cloud_refuses_of_a_vm_is_refused_and_makes_nothing,
)
from tests.contract.cloud.test_vms import (  # noqa: F401
    test_a_deleted_vm_is_gone_and_deleting_it_again_is_fine,
    test_a_dynamic_address_is_filled_in,
    test_a_reboot_keeps_vm_disks_and_power,
    test_asking_of_a_vm_that_is_not_there_is_not_found,
    test_creating_twice_with_one_owner_gives_the_same_vm_once,
    test_tags_are_put_beside_the_owner,
)

USER = place.FIFTH_USER


@pytest.fixture(scope="module")
def suite() -> Iterator[Suite]:
    """The cloud all of these tests run on."""
    with emptied.suite_of(USER) as found:
        yield found


@pytest.fixture
def subject(suite: Suite, tmp_path: Path) -> Subject:
    """CPI v2 through the protocol; looking, landing and power by the cloud itself."""
    return through_protocol(suite.subject(), tmp_path)
