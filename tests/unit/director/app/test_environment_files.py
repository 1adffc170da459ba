"""Environment files with several clouds, and with BOSH's cpi-config."""

from pathlib import Path

import pytest

from cpi.contract.values import LandingSpec
from director.app.sessions import environment_files
from director.app.sessions.environment_files import ReadFile
from director.app.sessions.settings import Settings
from director.edge.machine.library import Library
from director.errors import InputError, Problems
from director.model.environments.environment import CloudChoice
from director.model.ids import EnvironmentName

CPIS = """
cpis:
- name: near
  type: local
  properties: {state_root: /x}
- name: far
  type: vsphere
  exec_path: /opt/cpi
  properties: {host: h, password: p}
  migrated_from: [{name: old}]
"""


def _read(home: Path, text: str, cpis: str = CPIS) -> ReadFile:
    folder = home / "environments"
    folder.mkdir()
    (folder / "lab.yml").write_text(text)
    (folder / "cpis.yml").write_text(cpis)
    return environment_files.read_environment_file(
        Library(home), Settings(home=str(home), environment=EnvironmentName("lab"))
    )


def test_a_cpi_config_names_plugins_and_executables(tmp_path: Path) -> None:
    read = _read(tmp_path, "name: lab\ncpi_config: cpis.yml\nstemcells: {far: {os: ubuntu, version: '1'}}\n")
    assert environment_files.cloud_choices(read.file) == (
        CloudChoice(name="near", plugin="local", properties={"state_root": "/x"}),
        CloudChoice(
            name="far",
            plugin="exec:/opt/cpi",
            properties={"context": {"host": "h", "password": "p"}, "stemcell": {"os": "ubuntu", "version": "1"}},
        ),
    )
    assert read.where_of_cloud(1, is_plugin=True).endswith("cpis.yml:8:3")


def test_a_directors_own_path_is_the_plugin_of_that_type(tmp_path: Path) -> None:
    """BOSH takes it where a cpi-config names none; a type without a plugin needs the executable."""
    one = "- {{name: {0}, type: {0}, exec_path: /var/vcap/jobs/{0}_cpi/bin/cpi}}\n"
    read = _read(tmp_path, "name: lab\ncpi_config: cpis.yml\n", "cpis:\n" + one.format("local") + one.format("google"))
    plugins = [choice.plugin for choice in environment_files.cloud_choices(read.file)]
    assert plugins == ["local", "exec:/var/vcap/jobs/google_cpi/bin/cpi"]


@pytest.mark.parametrize(
    ("text", "cpis", "code"),
    [
        ("name: lab\ncpi_config: cpis.yml\ncloud: local\n", CPIS, "environment-clouds-twice"),
        ("name: lab\ncpi_config: cpis.yml\n", CPIS.replace("name: old", "name: near"), "cpi-config-names"),
        ("name: lab\ncpi_config: cpis.yml\n", "cpis: [{name: a, typ: b}]", "unknown-key"),
        ("name: lab\ncpi_config: cpis.yml\n", "cpis: []", "cpi-config-empty"),
        ("name: lab\ncpi_config: cpis.yml\nlanding: {fra: {}}\n", CPIS, "cpi-config-unknown"),
        ("name: lab\ncpi_config: cpis.yml\nstemcells: {fra: {}}\n", CPIS, "cpi-config-unknown"),
    ],
)
def test_what_is_wrong_with_it_is_told(tmp_path: Path, text: str, cpis: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        _read(tmp_path, text, cpis)
    assert code in [getattr(each, "code", "") for each in getattr(refused.value, "problems", [refused.value])]


def test_what_is_one_cpis_own_stands_beside_the_cpi_config(tmp_path: Path) -> None:
    landing = "landing: {far: {networks: {default: 10.1.0.0/16}, public_names: [web]}}"
    file = _read(tmp_path, f"name: lab\ncpi_config: cpis.yml\n{landing}\n").file
    assert [environment_files.landing_spec(file, name) for name in ("near", "far")] == [
        LandingSpec(networks={"default": "10.0.0.0/16"}, public_names=("jumpbox",)),
        LandingSpec(networks={"default": "10.1.0.0/16"}, public_names=("web",)),
    ]


def test_a_jumpbox_is_where_a_landing_zone_or_the_file_has_an_address_for_it(tmp_path: Path) -> None:
    text = "name: lab\ncpi_config: cpis.yml\nvariables: {far_jumpbox_public_ip: 192.0.2.7}\n"
    file = _read(tmp_path, text).file
    landed = {"near_jumpbox_public_ip": "203.0.113.1", "jumpbox_public_ip": "203.0.113.1"}
    assert environment_files.jumpbox_addresses(file, landed) == {"near": "203.0.113.1", "far": "192.0.2.7"}
    assert environment_files.jumpbox_addresses(file, {}) == {"far": "192.0.2.7"}


def test_the_first_clouds_jumpbox_may_go_by_the_short_name(tmp_path: Path) -> None:
    file = _read(tmp_path, "name: lab\ncpi_config: cpis.yml\nvariables: {jumpbox_public_ip: 192.0.2.7}\n").file
    assert environment_files.jumpbox_addresses(file, {}) == {"near": "192.0.2.7"}


def test_each_cloud_has_a_jumpbox_and_the_first_the_other_public_names(tmp_path: Path) -> None:
    text = """
name: lab
networks: {default: 10.0.0.0/17}
public_names: [jumpbox, console]
clouds:
- {name: a, plugin: local}
- {name: b, plugin: local, networks: {default: 10.0.128.0/17}}
- {name: c, plugin: local, public_names: [web]}
"""
    file = _read(tmp_path, text).file
    assert [environment_files.landing_spec(file, name) for name in ("a", "b", "c")] == [
        LandingSpec(networks={"default": "10.0.0.0/17"}, public_names=("jumpbox", "console")),
        LandingSpec(networks={"default": "10.0.128.0/17"}, public_names=("jumpbox",)),
        LandingSpec(networks={"default": "10.0.0.0/17"}, public_names=("web",)),
    ]


def test_a_public_name_that_is_written_twice_is_refused_wherever_it_stands(tmp_path: Path) -> None:
    near = "{name: near, plugin: local, public_names: [a, b, b]}"
    with pytest.raises(Problems) as caught:
        _read(tmp_path, f"name: lab\npublic_names: [jumpbox, web, jumpbox]\nclouds: [{near}]\n")
    assert [(one.code, one.where.rpartition("/")[2]) for one in caught.value.problems] == [
        ("public-name-twice", "lab.yml:2:30"),
        ("public-name-twice", "lab.yml:3:59"),
    ]
