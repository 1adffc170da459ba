"""Part of the contract suite through `compleat cpi local` and `exec:`, two programs that BOSH's protocol connects.

The local cloud keeps its state outside the process, so every call may be a process of its own. The whole suite goes
through the protocol in tests/contract/cloud/test_protocol.py.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.values import OwnerQuery, VmState
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.contract.cloud.test_disks import (
    test_a_disk_grows_and_does_not_shrink,
    test_a_snapshot_is_there_once_and_goes,
    test_an_attached_disk_says_where_it_is,
    test_detaching_and_deleting_twice_is_fine,
)
from tests.contract.cloud.test_protocol import test_what_the_cloud_refuses_of_a_vm_is_refused_and_makes_nothing
from tests.contract.cloud.test_vms import (
    test_a_deleted_vm_is_gone_and_deleting_it_again_is_fine,
    test_creating_twice_with_one_owner_gives_the_same_vm_once,
    test_tags_are_put_beside_the_owner,
)
from tests.integration.local.conftest import MakeYard, open_yards
from tests.integration.local.yard import Yard

pytestmark = pytest.mark.local

__all__ = [
    "test_a_deleted_vm_is_gone_and_deleting_it_again_is_fine",
    "test_a_disk_grows_and_does_not_shrink",
    "test_a_snapshot_is_there_once_and_goes",
    "test_an_attached_disk_says_where_it_is",
    "test_creating_twice_with_one_owner_gives_the_same_vm_once",
    "test_detaching_and_deleting_twice_is_fine",
    "test_tags_are_put_beside_the_owner",
    "test_what_the_cloud_refuses_of_a_vm_is_refused_and_makes_nothing",
]


@pytest.fixture(scope="module")
def contract_yard() -> Iterator[Yard]:
    """The cloud all of these tests run on."""
    with open_yards() as make:
        make_yard: MakeYard = make
        yield make_yard(environment=ENVIRONMENT)


@pytest.fixture
def subject(contract_yard: Yard) -> Subject:
    """CPI v2 through the executable; looking, landing and power by the cloud itself."""
    query, direct = OwnerQuery(environment=ENVIRONMENT), contract_yard.connected
    for vm in contract_yard.finder.find_vms(query):
        direct.cloud.delete_vm(vm.created.cid)
    for snapshot in contract_yard.finder.find_snapshots(query):
        direct.cloud.delete_snapshot(snapshot.cid)
    for disk in contract_yard.finder.find_disks(query):
        direct.cloud.delete_disk(disk.cid)
    return prepare(replace(direct, name="exec", cloud=_through_executable(contract_yard).cloud))


def test_a_vm_has_its_address_and_the_owner_key_of_whoever_called(subject: Subject) -> None:
    request = subject.vm_request("a1")
    created = subject.connected.cloud.create_vm(request)
    (found,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT, deployment="app"))
    assert [network.ip for network in created.networks] == [f"{subject.prefix}10"]
    assert (found.created.cid, found.created.networks) == (created.cid, created.networks)
    assert (found.owner, found.state) == (request.owner, VmState.RUNNING)


def _through_executable(yard: Yard) -> ConnectedCloud:
    yard.state_dir.mkdir(parents=True, exist_ok=True)
    config = yard.state_dir / "cpi.json"
    properties = {"state_root": str(yard.state_root)}
    config.write_text(
        json.dumps({"environment": ENVIRONMENT, "state_dir": str(yard.state_dir), "properties": properties})
    )
    cpi = yard.state_dir / "cpi"
    cpi.write_text(f"#!/bin/sh\nexec {Path(sys.executable).with_name('compleat')} cpi local --config {config}\n")
    cpi.chmod(0o755)
    about = yard.connected.cloud.info()
    settings = ConnectSettings(
        environment=ENVIRONMENT,
        state_dir=str(yard.state_dir / "exec"),
        properties={"stemcell": {"os": about.default_os, "version": about.default_version}},
    )
    return find_plugin(f"exec:{cpi}").connect(settings)
