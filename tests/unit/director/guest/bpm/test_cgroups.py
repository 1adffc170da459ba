"""Limits of bpm as files of control groups, in both versions."""

from pathlib import Path

import pytest

from director.guest.bpm.cgroups import limit_process, remove_group
from director.guest.bpm.configs import Limits


def _written(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_version_2_has_one_group_with_the_controllers_that_are_wanted(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("memory pids")
    assert limit_process("bpm-web", 7, Limits(processes=20), root=str(tmp_path)) == ""
    assert _written(tmp_path) == {
        "cgroup.controllers": "memory pids",
        "cgroup.subtree_control": "+pids",
        "bpm/cgroup.subtree_control": "+pids",
        "bpm/bpm-web/pids.max": "20",
        "bpm/bpm-web/cgroup.procs": "7",
    }


def test_version_1_has_a_group_for_each_controller(tmp_path: Path) -> None:
    for controller in ("memory", "pids"):
        (tmp_path / controller).mkdir()
        (tmp_path / controller / "cgroup.procs").write_text("")
    assert limit_process("bpm-web", 7, Limits(processes=20, memory=4096), root=str(tmp_path)) == ""
    assert _written(tmp_path) == {
        "memory/cgroup.procs": "",
        "memory/bpm/bpm-web/memory.limit_in_bytes": "4096",
        "memory/bpm/bpm-web/memory.memsw.limit_in_bytes": "4096",
        "memory/bpm/bpm-web/cgroup.procs": "7",
        "pids/cgroup.procs": "",
        "pids/bpm/bpm-web/pids.max": "20",
        "pids/bpm/bpm-web/cgroup.procs": "7",
    }


@pytest.mark.parametrize("limits", [Limits(memory=4096), Limits(processes=20)])
def test_a_vm_without_the_controller_says_so(tmp_path: Path, limits: Limits) -> None:
    assert limit_process("bpm-web", 7, limits, root=str(tmp_path)) == "this VM has no control groups"
    assert limit_process("bpm-web", 7, Limits(open_files=9), root=str(tmp_path)) == ""
    assert _written(tmp_path) == {}


def test_groups_of_an_ended_container_are_removed_and_those_of_others_stay(tmp_path: Path) -> None:
    for group in ("bpm/bpm-web", "pids/bpm/bpm-web", "memory/bpm/bpm-web", "memory/bpm/bpm-other"):
        (tmp_path / group).mkdir(parents=True)
    remove_group("bpm-web", root=str(tmp_path))
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == [
        "memory",
        "memory/bpm",
        "memory/bpm/bpm-other",
        "pids",
    ]
