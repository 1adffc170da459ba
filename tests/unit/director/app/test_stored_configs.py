"""Stored configs listed, shown, compared and deleted."""

from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.values import ENVIRONMENT_ITSELF, SshAccess
from director.app.sessions.config_home import ConfigHome
from director.app.use_cases import stored_configs
from director.app.use_cases.stored_configs import ConfigChoice
from director.errors import InputError
from director.model.configs import ConfigType
from director.model.environments.environment import CloudChoice, Environment
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName
from director.model.secret_ref import SecretRef
from tests.support.callers import calling
from tests.unit.director.app.config_homes import CLOUD, LAB, open_home, update

MORE = "vm_types: [{name: large}]\n"
TOOLS = "releases: [{name: t, version: '1'}]\naddons: [{name: tools, jobs: [{name: j, release: t}]}]\n"


@pytest.fixture
def home(tmp_path: Path) -> ConfigHome:
    return open_home(tmp_path)


def _deployed(home: ConfigHome, manifest: str) -> None:
    with home.store.hold_lease(LAB, DeploymentName("app"), caller=calling("deploy")) as lease:
        home.store.save_deployment(
            lease, DeploymentState(environment=LAB, deployment=DeploymentName("app"), manifest=manifest)
        )


def _delete(home: ConfigHome, choice: ConfigChoice) -> list[int]:
    return [config.number for config in stored_configs.delete_configs(home, choice, lambda _: None)]


def _refusal(home: ConfigHome, choice: ConfigChoice) -> str:
    before = home.records.list_configs(LAB)
    with pytest.raises(InputError) as caught:
        _delete(home, choice)
    assert caught.value.code == "config-in-use"
    assert home.records.list_configs(LAB) == before
    return caught.value.why


def _named(type_: ConfigType, name: str = "default") -> ConfigChoice:
    return ConfigChoice(type=type_, name=name)


def test_current_versions_are_listed_in_the_order_of_bosh(home: ConfigHome) -> None:
    update(home, ConfigType.RUNTIME, "tags: {}\n")
    update(home, ConfigType.CLOUD, MORE, name="abc")
    update(home, ConfigType.CLOUD, CLOUD)
    update(home, ConfigType.CLOUD, f"{CLOUD}disk_types: []\n")
    rows = stored_configs.list_configs(home, ConfigChoice(), recent=None).rows
    assert [row["id"] for row in rows] == [4, 2, 1]
    recent = stored_configs.list_configs(home, _named(ConfigType.CLOUD), recent=5).rows
    assert [(row["id"], row["current"]) for row in recent] == [(4, True), (3, False)]


def test_files_of_the_environment_are_listed_and_shown(tmp_path: Path) -> None:
    home = open_home(tmp_path, "name: lab\ncloud: memory\ncloud_config: c.yml\nruntime_configs: [dns.yml]\n")
    (tmp_path / "environments/c.yml").write_text(CLOUD)
    rows = stored_configs.list_configs(home, ConfigChoice(), recent=None).rows
    assert [(row["type"], row["name"], row["file"]) for row in rows] == [
        ("cloud", "default", "c.yml"),
        ("runtime", "dns", "dns.yml"),
    ]
    shown = stored_configs.show_config(home, _named(ConfigType.CLOUD))
    assert (shown.source.content.decode(), shown.stored) == (CLOUD, None)


def test_an_old_version_is_shown_by_its_id(home: ConfigHome) -> None:
    update(home, ConfigType.CLOUD, CLOUD)
    update(home, ConfigType.CLOUD, f"{CLOUD}disk_types: []\n")
    assert stored_configs.show_config(home, ConfigChoice(number=1)).source.content.decode() == CLOUD


@pytest.mark.parametrize(
    ("choice", "hint"),
    [
        (ConfigChoice(number=9), "Known ids: 1."),
        (_named(ConfigType.CLOUD, "defalt"), "Stored cloud configs: default"),
        (_named(ConfigType.CPI), "Stored cpi configs: none"),
    ],
)
def test_a_config_that_is_not_there_is_named_with_those_that_are(
    home: ConfigHome, choice: ConfigChoice, hint: str
) -> None:
    update(home, ConfigType.CLOUD, CLOUD)
    with pytest.raises(InputError) as caught:
        stored_configs.show_config(home, choice)
    assert caught.value.code == "config-missing"
    assert hint in caught.value.why


def test_without_its_newest_version_a_config_is_what_it_was_before(home: ConfigHome) -> None:
    update(home, ConfigType.CLOUD, CLOUD)
    update(home, ConfigType.CLOUD, f"{CLOUD}disk_types: []\n")
    assert _delete(home, ConfigChoice(number=2)) == [2]
    assert [config.number for config in home.kept().current] == [1]
    assert _delete(home, _named(ConfigType.CLOUD)) == [1]
    assert _delete(home, _named(ConfigType.CLOUD)) == [], "nothing to delete is no mistake"


@pytest.mark.parametrize(
    ("group", "used"),
    [
        ("vm_type: large", "VM type 'large'"),
        ("azs: [z2]", "AZ 'z2'"),
        ("networks: [{name: far}]", "network 'far'"),
        ("vm_extensions: [pub]", "VM extension 'pub'"),
        ("persistent_disk_type: ssd", "disk type 'ssd'"),
        ("persistent_disks: [{name: a, type: ssd}]", "disk type 'ssd'"),
    ],
)
def test_a_cloud_config_that_a_deployment_uses_is_not_deleted(home: ConfigHome, group: str, used: str) -> None:
    more = "azs: [{name: z2}]\nvm_extensions: [{name: pub}]\ndisk_types: [{name: ssd, disk_size: 9}]\n"
    networks = "networks: [{name: far, subnets: [{range: 10.9.0.0/16, gateway: 10.9.0.1, az: z2}]}]\n"
    update(home, ConfigType.CLOUD, CLOUD)
    update(home, ConfigType.CLOUD, f"{MORE}{more}{networks}", name="more")
    _deployed(home, f"name: app\ninstance_groups: [{{name: web, {group}}}]\n")
    assert _refusal(home, _named(ConfigType.CLOUD, "more")) == f"Used by: deployment 'app' ({used})."


def test_one_of_which_nothing_is_used_is_deleted(home: ConfigHome) -> None:
    update(home, ConfigType.CLOUD, CLOUD)
    update(home, ConfigType.CLOUD, MORE, name="more")
    _deployed(home, "name: app\ninstance_groups: [{name: web, vm_type: small}]\n")
    assert _delete(home, _named(ConfigType.CLOUD, "more")) == [2]


def test_a_newer_version_is_deleted_where_the_older_one_defines_the_same(home: ConfigHome) -> None:
    update(home, ConfigType.CLOUD, CLOUD)
    update(home, ConfigType.CLOUD, f"{CLOUD}disk_types: []\n")
    _deployed(home, "name: app\ninstance_groups: [{name: web, vm_type: small}]\n")
    assert _delete(home, ConfigChoice(number=2)) == [2]
    assert "section 'compilation'" in _refusal(home, ConfigChoice(number=1))


def test_a_runtime_config_whose_addon_is_deployed_is_not_deleted(home: ConfigHome) -> None:
    update(home, ConfigType.RUNTIME, TOOLS)
    _deployed(home, "name: app\naddons: [{name: other}]\n")
    assert _delete(home, _named(ConfigType.RUNTIME)) == [1]
    update(home, ConfigType.RUNTIME, TOOLS)
    _deployed(home, "name: app\naddons: [{name: tools}]\n")
    assert _refusal(home, _named(ConfigType.RUNTIME)) == "Used by: deployment 'app' (addon 'tools')."


def test_a_cpi_of_an_environment_that_exists_is_not_deleted(tmp_path: Path) -> None:
    home = open_home(tmp_path, "name: lab\n")
    update(home, ConfigType.CPI, "cpis: [{name: near, type: memory}]\n")
    environment = Environment(
        name=LAB,
        clouds=(CloudChoice(name="near", plugin="memory"),),
        ssh=SshAccess(user="vcap", public_key="key"),
        ssh_key=SecretRef(name="/x"),
    )
    with home.store.hold_lease(LAB, ENVIRONMENT_ITSELF, caller=calling("up")) as lease:
        home.store.save_environment(lease, environment)
    assert _refusal(home, _named(ConfigType.CPI)) == "Used by: environment 'lab' (CPI 'near')."
    with home.store.hold_lease(LAB, ENVIRONMENT_ITSELF, caller=calling("up")) as lease:
        home.store.save_environment(lease, replace(environment, clouds=()))
    assert _delete(home, _named(ConfigType.CPI)) == [1]
