"""Directories of VMs and disks that leave their places in one step, and their files afterwards."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cpi.clouds.local.inside.system import contents, modes
from cpi.clouds.local.inside.system.site import Site


def _site(state: Path) -> Site:
    return Site(state=str(state), mode=modes.Mode.R1, python=(), interpreter="", generation="1", has_overlay=True)


def _tree(folder: Path) -> Path:
    for number in range(200):
        (folder / f"{number % 20}").mkdir(parents=True, exist_ok=True)
        (folder / f"{number % 20}" / f"{number}").write_text("x")
    return folder


def test_what_is_set_aside_has_left_its_place_and_is_deleted_by_the_process_that_did_it(tmp_path: Path) -> None:
    site, vm = _site(tmp_path), _tree(tmp_path / "vms" / "vm-1")
    contents.set_aside(site, str(vm))
    contents.set_aside(site, str(vm))  # absent is success
    assert (vm.exists(), len(list((tmp_path / "removed").iterdir()))) == (False, 1)
    (tmp_path / "removed" / "vm-2.0").mkdir()
    contents.remove_set_aside(site)
    assert [path.name for path in (tmp_path / "removed").iterdir()] == ["vm-2.0"]
    contents.remove_set_aside(site, of_all=True)
    assert list((tmp_path / "removed").iterdir()) == []


def test_a_tree_that_two_delete_at_once_is_gone_for_both(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        for round_ in range(5):
            path = str(_tree(tmp_path / f"tree-{round_}"))
            list(pool.map(contents.remove_tree, [path] * 4))
            assert list(tmp_path.iterdir()) == []
