"""Preflight checks the permission of every action in a whole life."""

from dataclasses import replace

from cpi.clouds.aws.wire import permissions
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, OwnerKey, OwnerQuery, StemcellRequest
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support.aws import shared
from tests.support.aws.calls import Call
from tests.support.aws.emulator import Emulator
from tests.support.landings import land, landing_of

_BUCKET = {"PUT": "CreateBucket", "GET": "ListBucket", "HEAD": "ListBucket", "DELETE": "DeleteBucket"}
_FREE = frozenset({"sts:GetCallerIdentity"})
"""Calls that need no permission."""
ASKED = frozenset(
    {
        *permissions.VM_ACTIONS,
        *permissions.LANDING_ACTIONS,
        *permissions.NAT_ACTIONS,
        *permissions.KEY_ACTIONS,
        *permissions.BUCKET_ACTIONS,
    }
)
TOLERATED = frozenset({*permissions.LISTING_BALANCERS, *permissions.LISTING_ACCOUNTS})
"""A life without balancers and storage accounts passes without them (test_made_balancers.py and test_blob_accounts.py
have a login that lacks them)."""


def test_preflight_asks_for_every_action_that_a_life_of_everything_takes(emulator: Emulator) -> None:
    cloud = shared.connect(emulator, ENVIRONMENT, private_networks=["inner"])
    owner = OwnerKey(environment=ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="setup")
    land(cloud, LandingSpec(networks={"main": "10.9.0.0/24", "inner": "10.8.0.0/24"}, public_names=("jumpbox",)), owner)
    known = cloud.cloud.info()
    request = StemcellRequest(owner=owner, os=known.default_os, version=known.default_version)
    subject = Subject(
        connected=cloud,
        stemcell=cloud.cloud.create_stemcell(request),
        vm_properties={"instance_type": "t3.micro"},
        landed_network="main-z1",
    )
    _live(subject)
    cloud.cloud.delete_stemcell(subject.stemcell)
    for found in reversed(landing_of(cloud).find_landing_resources(ENVIRONMENT)):
        landing_of(cloud).delete_landing_resource(found.cid)
    taken = {_action(call) for call in emulator.front.log} - _FREE
    assert len(taken) > 40, "a handful of calls proves nothing"
    assert taken - ASKED - TOLERATED == set()


def _live(subject: Subject) -> None:
    cloud, power = subject.connected.cloud, subject.connected.power
    assert power is not None
    vm = cloud.create_vm(subject.vm_request("a1")).cid
    disk = cloud.create_disk(replace(subject.disk_request("d1"), vm_cid=vm))
    cloud.attach_disk(vm, disk)
    cloud.set_vm_metadata(vm, {"job": "web"})
    cloud.delete_snapshot(cloud.snapshot_disk(disk, subject.owner("s1")))
    query = OwnerQuery(environment=ENVIRONMENT)
    subject.finder.find_vms(query)
    subject.finder.find_disks(query)
    subject.finder.find_stemcells(query)
    subject.finder.find_snapshots(query)
    power.stop_vm(vm)
    power.start_vm(vm)
    cloud.reboot_vm(vm)
    cloud.detach_disk(vm, disk)
    cloud.resize_disk(disk, 4096)
    cloud.set_disk_metadata(disk, {"orphaned": "true"})
    cloud.delete_vm(vm)
    cloud.delete_disk(disk)


def _action(call: Call) -> str:
    """The name in AWS's policies; calls of S3 are named by their method, as all but one concern the bucket itself."""
    if (call.service, call.action) == ("s3", "GET /"):
        return "s3:ListAllMyBuckets"
    return f"s3:{_BUCKET[call.action.split()[0]]}" if call.service == "s3" else f"{call.service}:{call.action}"
