"""Stored configs in deploys: merged with each other and with the environment's files, which they never replace."""

from dataclasses import replace
from pathlib import Path

import pytest

from director.app.sessions import environment_files, reading
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.sessions.settings import Settings
from director.app.use_cases import bundle_preview
from director.edge.machine.library import Library
from director.errors import InputError
from director.model.configs import ConfigType, KeptConfigs, StoredConfig
from director.model.documents import Source
from director.model.environments.desired import Desired
from director.model.ids import EnvironmentName
from tests.support.sessions import session_of
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT
from tests.unit.director.app.config_homes import CLOUD

MANIFEST = b"""\
name: app
stemcells: [{alias: s, os: linux, version: latest}]
update: {canaries: 1, max_in_flight: 1, canary_watch_time: 1, update_watch_time: 1}
instance_groups:
- {name: web, azs: [z1], instances: 1, vm_type: large, stemcell: s, networks: [{name: default}], jobs: []}
"""
LARGE = "vm_types: [{name: large, cloud_properties: {cpu: 8}}]\n"


def _session(home: Path, *, file: str = "", is_shipped: bool = False) -> Session:
    (home / "cloud.yml").write_text(CLOUD)
    text = f"name: {ENVIRONMENT}\ncloud: memory\nnetworks: {{}}\n{file}"
    return replace(session_of(Simulation(), home, file=text), folder=str(home), is_shipped=is_shipped)


def _store(session: Session, type_: ConfigType, content: str, *, name: str = "default") -> None:
    config = StoredConfig(environment=ENVIRONMENT, type=type_, name=name, content=content)
    current = KeptConfigs(session.world.configs.list_configs(ENVIRONMENT)).find(type_, name)
    assert session.world.configs.save_config(config, replaces=current.number if current else 0)


def _desired(session: Session) -> Desired:
    files = ManifestFiles(manifest=Source(name="app.yml", content=MANIFEST))
    return reading.read_desired(session, bundle_preview.preview_environment(session), files)


def test_several_stored_cloud_configs_are_one(tmp_path: Path) -> None:
    session = _session(tmp_path)
    _store(session, ConfigType.CLOUD, CLOUD)
    _store(session, ConfigType.CLOUD, LARGE, name="more")
    assert _desired(session).groups[0].cloud_properties == {"cpu": 8}


def test_a_stored_config_of_another_name_is_added_to_the_file(tmp_path: Path) -> None:
    session = _session(tmp_path, file="cloud_config: cloud.yml\n")
    _store(session, ConfigType.CLOUD, LARGE, name="more")
    assert _desired(session).groups[0].cloud_properties == {"cpu": 8}


def test_one_name_is_a_file_or_stored_and_never_both(tmp_path: Path) -> None:
    session = _session(tmp_path, file="cloud_config: cloud.yml\n")
    _store(session, ConfigType.CLOUD, CLOUD)
    with pytest.raises(InputError) as caught:
        _desired(session)
    assert (caught.value.code, caught.value.where) == ("config-twice", "environment.yml:4:1")


def test_the_file_that_ships_with_us_gives_way_to_a_stored_config(tmp_path: Path) -> None:
    session = _session(tmp_path, file="cloud_config: cloud.yml\n", is_shipped=True)
    _store(session, ConfigType.CLOUD, CLOUD.replace("name: small}", "name: small}, {name: large}"))
    assert _desired(session).groups[0].cloud_properties == {}


def test_stored_runtime_configs_reach_every_deployment(tmp_path: Path) -> None:
    session = _session(tmp_path, file="cloud_config: cloud.yml\n")
    _store(session, ConfigType.CLOUD, LARGE, name="more")
    _store(session, ConfigType.RUNTIME, "tags: {team: ops}\n", name="tags")
    assert _desired(session).tags == {"team": "ops"}


def test_a_stored_plan_depends_on_every_config(tmp_path: Path) -> None:
    session = _session(tmp_path)
    files = ManifestFiles(manifest=Source(name="app.yml", content=MANIFEST))
    environment = bundle_preview.preview_environment(session)
    _store(session, ConfigType.CLOUD, CLOUD)
    before = reading.read_configs(session, environment, files)
    _store(session, ConfigType.CLOUD, LARGE, name="more")
    _store(session, ConfigType.RUNTIME, "tags: {a: b}\n", name="tags")
    after = reading.read_configs(session, environment, files)
    assert before["cloud config"] != after["cloud config"]
    assert {*after} - {*before} == {"runtime config 'tags'"}


def test_the_cpis_of_several_stored_configs_are_the_clouds_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments/lab.yml").write_text("name: lab\nlanding: {far: {networks: {}}}\nvariables: {key: k}\n")
    stored = [
        StoredConfig(environment=EnvironmentName("lab"), type=ConfigType.CPI, name=name, number=number, content=content)
        for number, (name, content) in enumerate(
            [
                ("default", "cpis: [{name: near, type: local, properties: {state_root: ((key))}}]\n"),
                ("more", "cpis: [{name: far, type: memory}]\n"),
            ],
            start=1,
        )
    ]
    settings = Settings(home=str(tmp_path), environment=EnvironmentName("lab"))
    read = environment_files.read_environment_file(Library(tmp_path), settings, KeptConfigs(stored))
    choices = environment_files.cloud_choices(read.file)
    assert [(choice.name, choice.plugin, dict(choice.properties)) for choice in choices] == [
        ("near", "local", {"state_root": "k"}),
        ("far", "memory", {}),
    ]
    assert read.where_of_cloud(1, is_plugin=True) == "cpi-config/more:1:20"
