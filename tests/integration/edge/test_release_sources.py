"""Releases by name alone, taken from the environment's sources."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from director.app.sessions import environment_checks, reading
from director.app.sessions.reading import ManifestFiles
from director.app.use_cases import bundle_preview
from director.edge.releases.releases import LocalReleases
from director.errors import InputError, Problems
from director.model.documents import Source
from director.model.environments.desired import Desired
from director.model.ids import Digest
from director.text import front as texts
from tests.support import worlds
from tests.support.release_on_disk import release_tarball, shelf_of
from tests.support.sessions import ROOT, session_of
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT
from tests.support.web import Answer, Web, serving

MANIFEST = """\
name: app
stemcells: [{{alias: s, os: linux, version: latest}}]
update: {{canaries: 1, max_in_flight: 1, canary_watch_time: 1, update_watch_time: 1}}
releases: [{{name: shop, version: '{version}'{more}}}]
"""


@dataclass(kw_only=True)
class _Lab:
    home: Path
    web: Web
    shelf: LocalReleases

    def desired(self, *sources: str, version: str = "1.2", more: str = "") -> Desired:
        listed = ", ".join(f"'{source.replace('WEB', self.web.url)}'" for source in sources)
        file = f"name: {ENVIRONMENT}\ncloud: memory\ncloud_config: {ROOT}/manifests/cloud-configs/local.yml\n"
        simulation = Simulation()
        world = replace(worlds.with_clouds(simulation.process(), simulation.process().clouds), releases=self.shelf)
        session = session_of(simulation, self.home, world=world, file=f"{file}release_sources: [{listed}]\n")
        manifest = Source(name="app.yml", content=MANIFEST.format(version=version, more=more).encode())
        environment = bundle_preview.preview_environment(session)
        return reading.read_desired(
            replace(session, folder=str(self.home)), environment, ManifestFiles(manifest=manifest)
        )

    def failure(self, *sources: str, version: str = "1.2", more: str = "") -> InputError:
        with pytest.raises(InputError) as caught:
            self.desired(*sources, version=version, more=more)
        error = caught.value.problems[0] if isinstance(caught.value, Problems) else caught.value
        assert isinstance(error, InputError)
        return error


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[_Lab]:
    with serving({"/shop?v=1.2": [Answer(body=release_tarball())]}) as web:
        yield _Lab(home=tmp_path, web=web, shelf=shelf_of(tmp_path / "home")[0])


def test_a_release_is_taken_from_an_address_and_pinned(lab: _Lab) -> None:
    desired = lab.desired("WEB/{name}?v={version}")
    digest = next(iter(_blobs(lab)))
    (remark,) = [each for each in desired.remarks if each.code == "release-from-source"]
    assert remark.text == f"Release 'shop/1.2' is taken from {lab.web.url}/shop?v=1.2 (digest {digest})."
    assert f"url: {lab.web.url}/shop?v=1.2" in desired.manifest
    assert f"sha1: {digest}" in desired.manifest, "what is saved leads to the same bytes"


def test_another_file_under_the_same_address_is_refused_later(lab: _Lab) -> None:
    lab.desired("WEB/{name}?v={version}")
    for path in (lab.home / "home/blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    lab.web.answers["/shop?v=1.2"] = [Answer(body=release_tarball() + b"\n")]
    lab.shelf = shelf_of(lab.home / "home")[0]
    assert lab.failure("WEB/{name}?v={version}").code == "digest-mismatch"


def test_the_manifests_digest_counts(lab: _Lab) -> None:
    assert lab.failure("WEB/{name}?v={version}", more=f", sha1: 'sha256:{'0' * 64}'").code == "digest-mismatch"


@pytest.mark.parametrize("source", ["mirror", "mirror/{name}-{version}.tgz"])
def test_a_release_is_taken_from_a_directory_beside_the_environments_file(lab: _Lab, source: str) -> None:
    (lab.home / "mirror").mkdir()
    (lab.home / "mirror/shop-1.2.tgz").write_bytes(release_tarball())
    assert f"url: file://{lab.home}/mirror/shop-1.2.tgz" in lab.desired(source).manifest
    assert lab.web.asked == []


def test_a_file_of_a_directory_is_pinned_when_it_is_first_read(lab: _Lab) -> None:
    (lab.home / "mirror").mkdir()
    file = lab.home / "mirror/shop-1.2.tgz"
    file.write_bytes(release_tarball())
    first, changed = _digest(file.read_bytes()), _digest(release_tarball() + b"\n")
    desired = lab.desired("mirror")
    assert f"sha1: {first}" in desired.manifest
    assert f"(digest {first})" in next(one.text for one in desired.remarks if one.code == "release-from-source")
    assert desired.manifest == lab.desired("mirror").manifest
    file.write_bytes(release_tarball() + b"\n")
    lab.shelf = shelf_of(lab.home / "home")[0]
    error = lab.failure("mirror")
    assert (error.code, error.where) == ("release-file-changed", "app.yml:4:12")
    assert (first in error.why, changed in error.why) == (True, True)
    assert changed in lab.desired("mirror", more=f", sha1: '{changed}'").manifest, "a digest of the manifest counts"
    assert changed in lab.desired("mirror").manifest
    file.write_bytes(release_tarball())
    assert lab.failure("mirror").code == "release-file-changed"


def test_sources_are_asked_in_their_order(lab: _Lab) -> None:
    lab.desired("mirror", "WEB/none/{name}/{version}", "WEB/{name}?v={version}", "WEB/never/{name}/{version}")
    assert lab.web.asked == ["/none/shop/1.2", "/shop?v=1.2"]


def test_one_that_no_source_has_is_named_with_every_place(lab: _Lab) -> None:
    error = lab.failure("mirror", "WEB/{name}?v={version}", version="9")
    assert (error.code, error.where) == ("release-not-in-sources", "app.yml:4:12")
    assert f"{lab.home}/mirror/shop-9.tgz does not exist; {lab.web.url}/shop answered 404" in error.why


def test_sources_list_no_versions(lab: _Lab) -> None:
    assert lab.failure("WEB/{name}?v={version}", version="latest").code == "release-missing"
    assert lab.web.asked == []


def test_a_version_that_is_no_version_leads_nowhere_else(lab: _Lab) -> None:
    (lab.home / "mirror").mkdir()
    (lab.home / "secret.tgz").write_bytes(release_tarball())
    assert lab.failure("mirror", version="1/../../secret").code == "release-missing"
    lab.failure("WEB/{name}?v={version}", version="1.2&w=../x")
    assert lab.web.asked == ["/shop?v=1.2%26w%3D..%2Fx"]


@pytest.mark.parametrize(
    ("source", "is_wrong"),
    [
        ("https://r.example/{name}?v={version}", False),
        ("../mirror", False),
        ("../{name}/{version}.tgz", False),
        ("https://r.example/{name}", True),
        ("../{name}.tgz", True),
        ("https://r.example/{name}/{v}/{version}", True),
        ("s3://bucket/{name}/{version}", True),
    ],
)
def test_a_source_that_could_not_be_meant_is_refused(source: str, is_wrong: bool) -> None:
    file = f"name: lab\nrelease_sources: ['{source}']\n"
    written = texts.read_environment_file(texts.Reading(source=Source(name="lab.yml", content=file.encode())))
    found = [(problem.code, problem.where) for problem in environment_checks.problems(written)]
    assert found == ([("release-source-wrong", "lab.yml:2:19")] if is_wrong else [])


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _blobs(lab: _Lab) -> set[Digest]:
    found = (lab.home / "home/blobs/sha256").rglob("*")
    return {Digest(f"sha256:{path.parent.name}{path.name}") for path in found if path.is_file()}
