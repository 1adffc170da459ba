"""The state's files."""

from pathlib import Path

from cpi.local.inside import records


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
