"""The state's files."""

import json
from pathlib import Path

import pytest

from cpi.clouds.local.inside.records import records
from cpi.contract.errors import CloudError


def _network(name: str) -> records.NetworkRecord:
    return {
        "name": name,
        "cidr": "10.0.0.0/24",
        "gateway": "10.0.0.1",
        "gateways": [],
        "owner": {"environment": "e", "deployment": "", "action": "a"},
    }


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "networks").mkdir()
    records.save_network(str(tmp_path), _network("default"))

    assert records.load_network(str(tmp_path), "default") == _network("default")
    assert records.list_networks(str(tmp_path)) == [_network("default")]


def test_any_name_is_one_file_in_its_directory(tmp_path: Path) -> None:
    (tmp_path / "networks").mkdir()
    for name in ("../../up", "a/b", "ä ö", "."):
        records.save_network(str(tmp_path), _network(name))

    assert {path.parent for path in tmp_path.rglob("*.json")} == {tmp_path / "networks"}
    assert records.load_network(str(tmp_path), "../../up") == _network("../../up")


def test_a_file_half_written_beside_is_not_seen(tmp_path: Path) -> None:
    (tmp_path / "networks").mkdir()
    (tmp_path / "networks" / "default.json.77.new").write_text('{"name": "de')

    assert records.list_networks(str(tmp_path)) == []


def test_what_is_absent_is_none(tmp_path: Path) -> None:
    assert records.load_cloud(str(tmp_path)) is None
    assert records.list_vms(str(tmp_path)) == []
    assert records.load_edge(str(tmp_path)) == {"forwards": []}


def test_a_record_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    records.save(str(tmp_path / "x.json"), {"a": 1})

    assert (tmp_path / "x.json").stat().st_mode & 0o777 == 0o600


_VM: records.LocalVm = {
    "cid": "vm-1",
    "name": "web-0",
    "owner": {"environment": "e", "deployment": "d", "action": "a"},
    "agent_id": "a",
    "stemcell": "stemcell-1",
    "nics": [],
    "ssh_user": "root",
    "ssh_key": "",
    "host_key": "",
    "cloud_properties": {},
    "env": {},
    "tags": {},
    "disks": ["disk-1"],
    "state": "created",
    "wanted": "running",
}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        json.dumps(_VM).encode()[:50],
        json.dumps({**_VM, "disks": "disk-1"}).encode(),
        json.dumps({**_VM, "owner": {}}).encode(),
        json.dumps({name: value for name, value in _VM.items() if name != "nics"}).encode(),
    ],
    ids=str,
)
def test_a_damaged_record_is_refused_by_its_path_and_left_out_only_where_that_is_asked_for(
    tmp_path: Path, damage: bytes
) -> None:
    for cid in ("vm-1", "vm-2"):
        (tmp_path / "vms" / cid).mkdir(parents=True)
        records.save_vm(str(tmp_path), {**_VM, "cid": cid})
    path = tmp_path / "vms" / "vm-1" / "vm.json"
    path.write_bytes(damage)

    for ask in (lambda: records.load_vm(str(tmp_path), "vm-1"), lambda: records.list_vms(str(tmp_path))):
        with pytest.raises(CloudError) as caught:
            ask()
        assert (caught.value.code, caught.value.what) == (
            "record-damaged",
            f"A file of the local cloud is damaged: {path}.",
        )
    assert [vm["cid"] for vm in records.list_whole_vms(str(tmp_path))] == ["vm-2"]
    assert records.damaged_vms(str(tmp_path)) == ["vm-1"]


def test_a_record_with_a_key_of_another_version_is_whole(tmp_path: Path) -> None:
    (tmp_path / "vms" / "vm-1").mkdir(parents=True)
    records.save(f"{tmp_path}/vms/vm-1/vm.json", {**_VM, "bridge": "br-x"})
    assert [vm["cid"] for vm in records.list_vms(str(tmp_path))] == ["vm-1"]


def test_a_record_that_cannot_be_written_leaves_the_old_one_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "cloud.json").mkdir()
    with pytest.raises(OSError, match="directory"):
        records.save(f"{tmp_path}/cloud.json", {"state": "x"})
    assert [path.name for path in tmp_path.iterdir()] == ["cloud.json"]
