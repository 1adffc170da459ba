"""A manifest whose releases are not all there, and variables that no job reads: what is reported in one run."""

from dataclasses import replace
from pathlib import Path

import pytest

from director import errors
from director.app.sessions import reading
from director.app.sessions.reading import ManifestFiles
from director.app.use_cases import bundle_preview
from director.errors import InputError
from director.model.documents import Source
from director.model.environments.desired import Desired
from tests.support import worlds
from tests.support.release_on_disk import shelf_of, write_release
from tests.support.sessions import session_of
from tests.support.simulation import Simulation

RELEASE = {
    "config/blobs.yml": "{}\n",
    "jobs/web/spec": "name: web\ntemplates: {}\npackages: []\nproperties: {http.port: {}}\n"
    "consumes: [{name: db, type: db}]\n",
    "jobs/one/spec": "name: one\ntemplates: {}\npackages: []\nprovides: [{name: db, type: db}]\n",
    "jobs/one/monit": "\n",
    "jobs/two/spec": "name: two\ntemplates: {}\npackages: []\nprovides: [{name: other, type: db}]\n",
    "jobs/two/monit": "\n",
}
MANIFEST = """\
name: app
stemcells: [{alias: s, os: linux, version: latest}]
update: {canaries: 1, max_in_flight: 1, canary_watch_time: 1, update_watch_time: 1}
releases: [{name: shop, version: create, url: RELEASE}, {name: gone, version: '1'}]
instance_groups:
- name: g
  instances: 1
  azs: [z1]
  stemcell: s
  vm_type: default
  networks: [{name: default}]
  jobs:
  - {name: web, release: shop}
  - {name: x, release: gone}
"""
WEB = "- {name: web, release: shop}"


def _desired(home: Path, manifest: str) -> Desired:
    release = write_release(home / "shop", RELEASE)
    shelf = shelf_of(home / "home")[0]
    simulation = Simulation()
    world = replace(worlds.with_clouds(simulation.process(), simulation.process().clouds), releases=shelf)
    session = session_of(simulation, home, world=world)
    source = Source(name="app.yml", content=manifest.replace("RELEASE", f"'file://{release}'").encode())
    return reading.read_desired(session, bundle_preview.preview_environment(session), ManifestFiles(manifest=source))


def _codes(home: Path, manifest: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        _desired(home, manifest)
    return sorted(problem.code for problem in errors.each_problem(caught.value))


def test_a_missing_release_says_nothing_of_links_that_its_jobs_may_provide(tmp_path: Path) -> None:
    assert _codes(tmp_path, MANIFEST) == ["release-missing"]
    assert _codes(tmp_path, MANIFEST.replace(WEB, f"{WEB[:-1]}, consumes: {{db: {{from: far}}}}}}")) == [
        "release-missing"
    ]


@pytest.mark.parametrize(
    ("jobs", "code"),
    [
        (f"{WEB}\n  - {{name: one, release: shop}}\n  - {{name: two, release: shop}}", "link-ambiguous"),
        (f"{WEB[:-1]}, consumes: {{db: {{deployment: other, from: db}}}}}}", "link-deployment-missing"),
        (f"{WEB[:-1]}, consumes: {{db: {{from: x, instances: []}}}}}}", "manual-link-broken"),
        (f"{WEB[:-1]}, properties: {{http: {{port: ((nope))}}}}}}", "unresolved-variable"),
        (f"{WEB[:-1]}, properties: {{http: 1}}}}", "property-not-a-map"),
        (f"{WEB}\n  - {{name: nine, release: shop}}", "unknown-job"),
    ],
    ids=lambda value: value if "-" in value and " " not in value else "",
)
def test_what_is_known_of_the_other_jobs_is_reported_beside_it(tmp_path: Path, jobs: str, code: str) -> None:
    assert _codes(tmp_path, MANIFEST.replace(WEB, jobs)) == sorted([code, "release-missing"])


WHOLE = MANIFEST.replace(", {name: gone, version: '1'}", "").replace(
    "- {name: x, release: gone}", "- {name: one, release: shop}"
)


@pytest.mark.parametrize(
    "manifest",
    [
        WHOLE.replace(WEB, f"{WEB[:-1]}, properties: {{old: [((nope))], http: {{host: x-((nope))}}}}}}"),
        f"{WHOLE}  properties: {{old: ((nope))}}\n",
        f"{WHOLE}properties: {{old: {{a: ((nope))}}}}\n",
    ],
    ids=["job", "group", "manifest"],
)
def test_a_variable_in_a_property_that_no_job_declares_is_a_remark_as_bosh_drops_it(
    tmp_path: Path, manifest: str
) -> None:
    desired = _desired(tmp_path, manifest)
    remarks = {(one.code, "'nope'" in one.text) for one in desired.remarks if one.code == "variable-unused"}
    assert remarks == {("variable-unused", True)}


@pytest.mark.parametrize(
    "manifest",
    [
        WHOLE.replace(WEB, f"{WEB[:-1]}, properties: {{http: {{port: ((nope))}}}}}}"),
        WHOLE.replace(WEB, f"{WEB[:-1]}, properties: {{http.port: 1, http: {{port: [x-((nope))]}}}}}}"),
        f"{WHOLE}  properties: {{http: {{port: ((nope))}}}}\n",
        f"{WHOLE}properties: {{http: {{port: ((nope))}}}}\n",
        WHOLE.replace("azs: [z1]", "azs: [((nope))]"),
    ],
    ids=["job", "list", "group", "manifest", "elsewhere"],
)
def test_one_in_a_property_that_a_job_declares_is_refused(tmp_path: Path, manifest: str) -> None:
    assert "unresolved-variable" in _codes(tmp_path, manifest)


def test_every_variable_of_one_text_is_reported(tmp_path: Path) -> None:
    manifest = WHOLE.replace(WEB, f"{WEB[:-1]}, properties: {{http: {{port: '((nope)):((none))'}}}}}}")
    assert _codes(tmp_path, manifest) == ["unresolved-variable", "unresolved-variable"]
