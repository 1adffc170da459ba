"""Runtime configs of an environment file: for every deployment but the jumpboxes; what was deployed is kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from director.app.landing import jumpboxes
from director.app.sessions import reading
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.use_cases import bundle_preview
from director.errors import InputError
from director.model.documents import Source
from tests.support.sessions import ROOT, session_of
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT

_MANIFEST = b"""\
name: app
stemcells: [{alias: s, os: linux, version: latest}]
update: {canaries: 1, max_in_flight: 1, canary_watch_time: 1, update_watch_time: 1}
"""


def _session(home: Path, *configs: str) -> Session:
    names = [f"r{number}.yml" for number in range(len(configs))]
    for name, text in zip(names, configs, strict=True):
        (home / name).write_text(text)
    file = f"name: {ENVIRONMENT}\ncloud: memory\ncloud_config: {ROOT}/manifests/cloud-configs/local.yml\n"
    session = session_of(Simulation(), home, file=f"{file}runtime_configs: [{', '.join(names) or 'none.yml'}]\n")
    return replace(session, folder=str(home))


def _tags(session: Session, *, is_saved: bool = False) -> object:
    files = ManifestFiles(manifest=Source(name="app.yml", content=_MANIFEST), is_saved=is_saved)
    return reading.read_desired(session, bundle_preview.preview_environment(session), files).tags


def test_a_deployment_has_what_the_runtime_configs_add(tmp_path: Path) -> None:
    assert _tags(_session(tmp_path, "tags: {team: ops}\n", "addons: []\n")) == {"team": "ops"}


def test_a_saved_manifest_has_what_its_deploy_added_and_no_more(tmp_path: Path) -> None:
    assert _tags(_session(tmp_path, "tags: {team: ops}\n"), is_saved=True) == {}


def test_a_jumpbox_has_nothing_of_them(tmp_path: Path) -> None:
    session = _session(tmp_path, "tags: {team: ops}\n")
    environment = bundle_preview.preview_environment(session)
    files = jumpboxes.manifest_files(session, environment, {})
    assert reading.read_desired(session, environment, files).tags == {}


def test_a_runtime_config_that_is_missing_is_reported_with_the_place_of_its_name(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _tags(_session(tmp_path))
    assert caught.value.where == "environment.yml:4:19"


def test_a_stored_plan_depends_on_the_runtime_configs(tmp_path: Path) -> None:
    session = _session(tmp_path, "tags: {team: ops}\n")
    files = ManifestFiles(manifest=Source(name="app.yml", content=_MANIFEST))
    configs = reading.read_configs(session, bundle_preview.preview_environment(session), files)
    assert configs["runtime config 'r0'"] == "tags: {team: ops}\n"


def test_names_of_instances_end_with_the_domain_of_the_environment(tmp_path: Path) -> None:
    session = _session(tmp_path, "{}\n")
    files = ManifestFiles(manifest=Source(name="app.yml", content=_MANIFEST))
    environment = bundle_preview.preview_environment(session)
    assert reading.read_desired(session, environment, files).dns.domain == "bosh"
    named = replace(session, file=session.file.model_copy(update={"dns_domain": "internal.example"}))
    assert reading.read_desired(named, environment, files).dns.domain == "internal.example"
