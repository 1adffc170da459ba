"""The environment's file says who runs jobs that bpm starts."""

from dataclasses import replace
from pathlib import Path

import pytest

from director.app.sessions import reading
from director.app.sessions.reading import ManifestFiles
from director.app.use_cases import bundle_preview
from director.errors import InputError
from director.model.documents import Source
from tests.support.sessions import ROOT, session_of
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT

_MANIFEST = b"""\
name: app
releases: [{name: bpm, version: 1.2.3}]
stemcells: [{alias: s, os: linux, version: latest}]
update: {canaries: 1, max_in_flight: 1, canary_watch_time: 1, update_watch_time: 1}
"""


def test_release_bpm_is_the_guests_unless_the_environment_wants_the_release(tmp_path: Path) -> None:
    file = f"name: {ENVIRONMENT}\ncloud: memory\ncloud_config: {ROOT}/manifests/cloud-configs/local.yml\n"
    session = session_of(Simulation(), tmp_path, file=file)
    environment = bundle_preview.preview_environment(session)
    files = ManifestFiles(manifest=Source(name="app.yml", content=_MANIFEST))
    assert reading.read_desired(session, environment, files).packages == ()  # nothing to fetch or to compile
    named = replace(session, file=session.file.model_copy(update={"bpm": "release"}))
    with pytest.raises(InputError) as caught:
        reading.read_desired(named, environment, files)
    assert caught.value.code == "release-missing"
