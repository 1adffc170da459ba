"""Which directory is whose cloud."""

import json
from pathlib import Path

from cpi.clouds.local.host import state_root
from cpi.clouds.local.inside.records import records


def _make_cloud(state: str, environment: str, origin: Path) -> None:
    Path(state).mkdir(parents=True)
    cloud: records.CloudRecord = {
        "environment": environment,
        "state_dir": str(origin),
        "mode": "R1",
        "base": 0,
        "python": [],
        "interpreter": "",
    }
    records.save(records.cloud_path(state), cloud)


def _find(root: Path, environment: str, origin: Path) -> str:
    return state_root.find_place(environment, str(origin), root=str(root)).state


def test_one_environment_and_home_is_one_place(tmp_path: Path) -> None:
    root = tmp_path / "root"

    assert _find(root, "e", tmp_path / "a") == _find(root, "e", tmp_path / "a")
    assert len({_find(root, name, tmp_path / home) for name in "ef" for home in "ab"}) == 4


def test_a_new_home_finds_the_cloud_of_a_deleted_one(tmp_path: Path) -> None:
    root = tmp_path / "root"
    orphan = _find(root, "e", tmp_path / "gone")
    _make_cloud(orphan, "e", tmp_path / "gone")

    assert _find(root, "e", tmp_path / "new") == orphan
    assert _find(root, "f", tmp_path / "new") != orphan


def test_a_cloud_whose_home_is_there_is_nobody_elses(tmp_path: Path) -> None:
    root, home = tmp_path / "root", tmp_path / "home"
    home.mkdir()
    _make_cloud(_find(root, "e", home), "e", home)

    assert _find(root, "e", tmp_path / "new") != _find(root, "e", home)


def test_a_home_remembers_the_cloud_it_took_over(tmp_path: Path) -> None:
    root, taken = tmp_path / "root", tmp_path / "root" / "e-0"
    _make_cloud(str(taken), "e", tmp_path / "new")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / state_root.POINTER).write_text(json.dumps({"state": str(taken)}))

    assert _find(root, "e", tmp_path / "new") == str(taken)


def test_an_environments_name_is_one_directory(tmp_path: Path) -> None:
    assert Path(_find(tmp_path, "../a/b", tmp_path)).parent == tmp_path
