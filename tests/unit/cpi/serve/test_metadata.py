"""Metadata that a director sends become tags as BOSH's CPIs write them."""

from collections.abc import Mapping

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.contract.progress import NO_PROGRESS
from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue, OwnerKey
from cpi.serve import methods
from cpi.serve.methods import Served

SENT: Mapping[str, JsonValue] = {"job": "db", "index": 5, "is": True, "nothing": None}
REPORTED = {"job": "db", "index": "5", "is": "true"}


def test_what_is_null_is_left_out_and_what_is_no_text_becomes_one() -> None:
    cloud = MemoryCloud()
    served = Served(
        connected=connect_cloud(cloud),
        owner=OwnerKey(environment="bosh", deployment=ENVIRONMENT_ITSELF, action="disk"),
        user="vcap",
        public_key="",
        version=2,
        sleep=lambda _: None,
        log=NO_PROGRESS,
    )
    disk = methods.call_method(served, "create_disk", [1024, {}])
    methods.call_method(served, "set_disk_metadata", [disk, SENT])
    snapshot = methods.call_method(served, "snapshot_disk", [disk, SENT])
    (held,), (kept,) = cloud.inventory().disks, cloud.inventory().snapshots
    assert (held.tags, kept.tags, kept.cid) == (REPORTED, REPORTED, snapshot)
