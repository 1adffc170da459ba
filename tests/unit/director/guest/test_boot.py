"""Commands of the guest where a stemcell has them."""

from pathlib import Path

from director.guest.boot import link_command


def test_a_command_is_linked_where_nothing_has_its_name(tmp_path: Path) -> None:
    link_command("/var/vcap/bosh/bin/chpst", str(tmp_path))
    link_command("/elsewhere/chpst", str(tmp_path))
    assert (tmp_path / "chpst").readlink() == Path("/var/vcap/bosh/bin/chpst")


def test_a_directory_that_cannot_be_written_has_no_link(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    link_command("/var/vcap/bosh/bin/chpst", str(tmp_path / "file"))
    link_command("/var/vcap/bosh/bin/chpst", str(tmp_path / "absent"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
