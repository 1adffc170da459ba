"""The contract suite of clouds, on the local one: the same tests, one cloud for all, emptied before each."""

from collections.abc import Iterator

import pytest

from cpi.contract.values import OwnerQuery
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.contract.cloud.test_disks import *  # noqa: F403
from tests.contract.cloud.test_landing import *  # noqa: F403
from tests.contract.cloud.test_landing_parts import (  # noqa: F401
    test_a_balancer_inside_of_a_network_is_made_after_it_found_changed_and_deleted_before_it,
    test_a_network_that_is_created_later_has_the_ways_out_that_it_names_and_changes_them,
    test_what_a_cloud_cannot_express_is_refused_before_anything_is_made,
)
from tests.contract.cloud.test_load_balancers import *  # noqa: F403
from tests.contract.cloud.test_storage_accounts import *  # noqa: F403
from tests.contract.cloud.test_vms import *  # noqa: F403
from tests.integration.local.conftest import MakeYard, open_yards
from tests.integration.local.yard import Yard

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def contract_yard() -> Iterator[Yard]:
    """The cloud all of these tests run on."""
    with open_yards() as make:
        make_yard: MakeYard = make
        yield make_yard(environment=ENVIRONMENT)


@pytest.fixture
def subject(contract_yard: Yard) -> Subject:
    """The cloud with one network, one public address, one stemcell, and nothing else."""
    cloud, query = contract_yard.connected.cloud, OwnerQuery(environment=ENVIRONMENT)
    prepared = prepare(contract_yard.connected)
    for vm in contract_yard.finder.find_vms(query):
        cloud.delete_vm(vm.created.cid)
    for snapshot in contract_yard.finder.find_snapshots(query):
        cloud.delete_snapshot(snapshot.cid)
    for disk in contract_yard.finder.find_disks(query):
        cloud.delete_disk(disk.cid)
    return prepared
