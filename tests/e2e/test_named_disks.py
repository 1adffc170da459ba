"""Disks with names on the local cloud: a job writes to the devices, and the content survives its VM."""

from collections.abc import Iterator

import pytest

from cpi.contract.values import JsonValue
from tests.e2e.story import actions_of
from tests.support import local_inventory
from tests.support.command import ROOT, Compleat, Ran

pytestmark = pytest.mark.slow

MANIFEST = str((ROOT / "tests" / "cases" / "named-disks" / "manifest.yml").relative_to(ROOT))
NAME = "raw"


class Raw:
    """A deployment of one VM with the disks `data` and `log`."""

    def __init__(self, compleat: Compleat) -> None:
        self.compleat = compleat

    def run(self, command: str, *flags: str, data: str = "small") -> Ran:
        """Plan or deploy, with this type of the disk `data`."""
        return self.compleat.run(command, "-n", MANIFEST, "-v", f"type={data}", *flags).ended()

    def words(self, disk: str) -> str:
        """What is written on the disk's device."""
        command = f"head -c 4096 /var/vcap/instance/disks/{disk} | tr -d '\\0'"
        return self.compleat.run("ssh", "-d", NAME, "raw/0", "-c", command).ended().out

    def row(self) -> tuple[str, str]:
        """The instance's id and VM."""
        row = self._row()
        assert row["state"] == "running"
        return str(row["id"]), str(row["vm_cid"])

    def names(self) -> list[str]:
        """The names of its disks, each of which is listed."""
        named = self._row()["named_disks"]
        assert isinstance(named, dict)
        shown = self.compleat.run("instances", "-d", NAME, "--details").ended().out
        assert [cid for cid in named.values() if str(cid) not in shown] == []
        return sorted(named)

    def _row(self) -> dict[str, JsonValue]:
        rows = self.compleat.run("instances", "-d", NAME, "--json").ended().json["instances"]
        assert isinstance(rows, list)
        (row,) = rows
        assert isinstance(row, dict)
        return dict(row)

    def sizes(self) -> list[tuple[int, bool]]:
        """Every disk's size, and whether it is attached."""
        disks = local_inventory.take(self.compleat).disks_of(NAME)
        return sorted((disk.size_mib, disk.vm_cid is not None) for disk in disks)


@pytest.fixture
def raw(platform: Compleat) -> Iterator[Raw]:
    yield Raw(platform)
    platform.run("delete-deployment", "-n", "-d", NAME, "--force").ended()


def test_a_job_writes_to_its_disks_by_their_links_and_finds_it_there_on_another_vm(raw: Raw) -> None:
    kinds = [kind for kind, _ in actions_of(raw.run("plan", "--json"))]
    assert [kinds.count(kind) for kind in ("create_disk", "attach_disk", "associate_disk", "mount_disk")] == [
        2,
        2,
        2,
        0,
    ]
    raw.run("deploy")
    identity, vm = raw.row()
    assert (raw.words("data"), raw.words("log")) == (identity, "start\n")
    raw.compleat.run("recreate", "-n", "-d", NAME).ended()
    assert raw.names() == ["data", "log"]
    assert raw.row()[0] == identity
    assert raw.row()[1] != vm
    assert (raw.words("data"), raw.words("log")) == (identity, "start\nstart\n")
    assert raw.sizes() == [(1024, True), (1024, True)]
    assert "an empty disk replaces it" in raw.run("plan", data="medium").out
    raw.run("deploy", data="medium")
    assert (raw.words("data"), raw.words("log")) == (identity, "start\n" * 3)
    assert raw.sizes() == [(1024, False), (1024, True), (10240, True)], "the former one is an orphan"
    assert "nothing to change" in raw.run("deploy", data="medium").out
