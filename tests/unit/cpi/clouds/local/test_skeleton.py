"""The root file system of local VMs."""

from pathlib import Path

from cpi.clouds.local.inside.system import skeleton


def test_kernel_settings_of_the_hosts_packages_have_no_effect_in_a_vm(tmp_path: Path) -> None:
    packages = tmp_path / "usr"
    packages.mkdir()
    (packages / "99-protect-links.conf").write_text("fs.protected_fifos = 1\n")
    skeleton.mask_kernel_settings(str(tmp_path / "etc"), [str(packages), str(tmp_path / "absent")])
    assert {path.name: path.read_text() for path in (tmp_path / "etc").iterdir()} == {"99-protect-links.conf": ""}
