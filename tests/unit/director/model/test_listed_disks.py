"""Disks and snapshots are listed by deployment and instance, whichever of them the cloud made first."""

from cpi.contract.values import SnapshotCid
from director.model.environments.listed_disks import ListedSnapshot


def _snapshot(instance: str, at: float, *, deployment: str = "one") -> ListedSnapshot:
    cid = SnapshotCid(f"snapshot-{at}")
    return ListedSnapshot(cid=cid, cloud="", deployment=deployment, instance=instance, disk_cid="disk-1", created_at=at)


def test_snapshots_stand_by_instance_and_then_by_age() -> None:
    taken = [
        _snapshot("web/10", 1.0),
        _snapshot("web/2", 3.0),
        _snapshot("web/2", 2.0),
        _snapshot("", 9.0),
        _snapshot("db/0", 4.0, deployment="two"),
    ]
    listed = [(one.deployment, one.instance, one.created_at) for one in sorted(taken, key=lambda one: one.place)]
    assert listed == [
        ("one", "", 9.0),
        ("one", "web/2", 2.0),
        ("one", "web/2", 3.0),
        ("one", "web/10", 1.0),
        ("two", "db/0", 4.0),
    ]
