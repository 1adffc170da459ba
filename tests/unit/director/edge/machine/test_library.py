"""Files of the person who runs us."""

from pathlib import Path

import pytest

from director.edge.machine.library import Library
from director.errors import InputError, StateError


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "manifest.yml").write_text("name: x\n")
    with pytest.raises(InputError) as caught:
        Library(tmp_path).read_source("manifets.yml", base=str(tmp_path))
    assert (caught.value.code, caught.value.fix) == ("file-missing", "Did you mean 'manifest.yml'?")


def test_a_private_file_is_readable_by_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    Library(tmp_path).write_private(str(path), "secret")
    assert path.read_text() == "secret"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]


def test_what_ships_with_us_is_found() -> None:
    assert (Path(Library(Path("/")).bundled("manifests/platform")) / "index.yml").is_file()


def test_nothing_outside_the_home_is_removed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    library = Library(tmp_path / "home")
    for path in (outside, tmp_path / "home" / ".." / "outside", tmp_path / "home"):
        with pytest.raises(StateError):
            library.remove(str(path))
    assert outside.is_dir()
