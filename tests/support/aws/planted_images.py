"""Plans with images that AWS cannot take or make.

Takes a plan, changes it.
"""

from tests.support.aws import back
from tests.support.kit.plan_stands import PlanStand


def unfit(stand: PlanStand) -> None:
    """A snapshot that AWS is still taking."""
    backend = back.ec2()
    snapshot = backend.create_snapshot(backend.create_volume(1, "us-east-1a").id, "slow")
    snapshot.status = "pending"
    stand.add_image("snapshot", snapshot.id)


def heavy(stand: PlanStand) -> None:
    """A disk in a format that AWS does not take."""
    disk = stand.folder / "disk.qcow2"
    disk.write_bytes(b"QFI\xfb" + bytes(2000))
    stand.add_stemcell(path=str(disk))
