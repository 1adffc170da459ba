"""Where a command is typed does not matter: nothing of that folder is imported."""

import contextlib
from pathlib import Path

import pytest

from tests.support import homes


@pytest.mark.parametrize("name", ["alembic", "sqlalchemy", "director"])
def test_a_module_in_the_working_folder_does_not_run_in_the_upgrade_of_a_state(tmp_path: Path, name: str) -> None:
    folder, home = tmp_path / "folder", tmp_path / "home"
    folder.mkdir()
    home.mkdir(mode=0o700)
    (folder / f"{name}.py").write_text("raise SystemExit('imported from the working folder')")
    with contextlib.chdir(folder), contextlib.closing(homes.open_database(home)) as database:
        assert database.path.is_file()
