"""Releases uploaded, listed and deleted: of a home's own blobstore, with its records in memory."""

import gzip
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.values import ENVIRONMENT_ITSELF, SshAccess
from director.app.sessions.release_home import ReleaseHome
from director.app.sessions.settings import Settings
from director.app.use_cases import uploaded_releases
from director.app.use_cases.upload_release import Upload, UploadRequest, upload_release
from director.edge.blobs.blobs_dir import BlobsDir
from director.errors import InputError, Problems
from director.model.environments.environment import Environment
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName, EnvironmentName, RunId
from director.model.secret_ref import SecretRef
from director.model.tasks.plan import Plan
from director.model.tasks.stored_plan import PlanOptions, StoredPlan
from tests.support.callers import calling
from tests.support.memory_journal import MemoryJournal
from tests.support.memory_plans import MemoryPlans
from tests.support.memory_release_records import MemoryReleaseRecords
from tests.support.memory_store import MemoryStore
from tests.support.release_on_disk import PLAIN, release_tarball, tgz, uploads_of, write_final, write_release
from tests.support.virtual_time import VirtualTime

HOME = EnvironmentName("home")


@pytest.fixture
def home(tmp_path: Path) -> ReleaseHome:
    return open_home(tmp_path / "home")


def open_home(folder: Path) -> ReleaseHome:
    records, store = MemoryReleaseRecords(), MemoryStore()
    shelf, uploads = uploads_of(folder, records)
    return ReleaseHome(
        settings=Settings(home=str(folder), environment=HOME),
        store=store,
        journal=MemoryJournal(store),
        plans=MemoryPlans(),
        records=records,
        releases=shelf,
        uploads=uploads,
        clock=VirtualTime(),
    )


def _upload(home: ReleaseHome, place: Path | str, **wanted: str | bool) -> Upload:
    return upload_release(home, replace(UploadRequest(place=str(place), base="/"), **wanted))  # type: ignore[arg-type]


def _failure(home: ReleaseHome, place: Path | str, **wanted: str | bool) -> InputError:
    with pytest.raises((InputError, Problems)) as caught:
        _upload(home, place, **wanted)
    error = caught.value
    found = error.problems[0] if isinstance(error, Problems) else error
    assert isinstance(found, InputError)
    return found


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _blobs(home: ReleaseHome) -> set[str]:
    found = (Path(home.settings.home) / "blobs/sha256").rglob("*")
    return {f"sha256:{path.parent.name}{path.name}" for path in found if path.is_file()}


def _named(home: ReleaseHome) -> set[str]:
    return {digest for each in home.records.list_releases() for digest in (each.digest, each.outline)}


def test_a_tarball_is_uploaded_once_and_every_blob_has_a_record(home: ReleaseHome, tmp_path: Path) -> None:
    tarball = _written(tmp_path / "shop.tgz", release_tarball())
    first, second = _upload(home, tarball), _upload(home, tarball)
    assert (first.is_new, second.is_new, first.release.title) == (True, False, "shop/1.2")
    assert home.records.list_releases() == (first.release,)
    assert _blobs(home) == _named(home)
    assert first.release.size == len(release_tarball())


def test_the_same_release_packed_in_another_way_is_no_other(home: ReleaseHome, tmp_path: Path) -> None:
    _upload(home, _written(tmp_path / "one.tgz", release_tarball()))
    plain = _written(tmp_path / "two.tar", gzip.decompress(release_tarball()))
    assert not _upload(home, plain).is_new
    assert _blobs(home) == _named(home)
    assert _upload(home, plain, is_fixing=True).is_fixed
    assert _blobs(home) >= _named(home)


def test_other_content_of_the_same_version_is_refused_and_leaves_nothing(home: ReleaseHome, tmp_path: Path) -> None:
    _upload(home, _written(tmp_path / "one.tgz", release_tarball()))
    manifest = b"name: shop\nversion: '1.2'\njobs: []\npackages: []\n"
    other = _written(tmp_path / "two.tgz", tgz({"release.MF": manifest}))
    assert _failure(home, other).code == "release-differs"
    assert _blobs(home) == _named(home)
    rebased = _upload(home, other, is_rebasing=True)
    assert (rebased.is_new, rebased.release.version) == (True, "1.2+dev.1")


@pytest.mark.parametrize(
    ("changes", "wanted", "code"),
    [
        ({"./packages/app.tgz": b""}, {}, "release-package-missing"),
        ({"./packages/app.tgz": b"x"}, {}, "release-damaged"),
        ({"./jobs/web.tgz": b"x"}, {}, "archive-unreadable"),
        ({"./release.MF": b""}, {}, "release-manifest-missing"),
        ({}, {"name": "bank"}, "release-name-mismatch"),
        ({}, {"version": "1.3"}, "version-mismatch"),
        ({}, {"digest": "0" * 40}, "digest-mismatch"),
    ],
)
def test_a_tarball_that_is_wrong_is_refused_and_leaves_nothing(
    home: ReleaseHome, tmp_path: Path, changes: dict[str, bytes], wanted: dict[str, str], code: str
) -> None:
    tarball = _written(tmp_path / "shop.tgz", release_tarball(changes))
    assert _failure(home, tarball, **wanted).code == code
    assert (home.records.list_releases(), _blobs(home)) == ((), set())
    assert not list((Path(home.settings.home) / "releases/registering").iterdir() if code != "digest-mismatch" else ())


def test_with_name_and_version_nothing_is_read_of_what_is_there(home: ReleaseHome, tmp_path: Path) -> None:
    _upload(home, _written(tmp_path / "shop.tgz", release_tarball()))
    assert not _upload(home, tmp_path / "gone.tgz", name="shop", version="1.2").is_new
    assert _failure(home, tmp_path / "gone.tgz", name="shop", version="1.3").code == "release-missing"


def test_a_directory_gets_development_versions_by_its_content(home: ReleaseHome, tmp_path: Path) -> None:
    directory = write_release(tmp_path / "rel", PLAIN)
    first = _upload(home, directory)
    assert (first.is_new, first.release.version) == (True, "0+dev.1")
    assert not _upload(home, directory).is_new
    (directory / "src/app/main").write_text("other\n")
    assert _upload(home, directory).release.version == "0+dev.2"
    index = "builds: {u1: {version: '3'}, u2: {version: '20'}}\n"
    write_release(directory, {**PLAIN, "releases/shop/index.yml": index})
    (directory / "src/app/main").write_text("third\n")
    assert _upload(home, directory).release.version == "20+dev.1"


def test_a_directory_is_given_a_version_and_keeps_it(home: ReleaseHome, tmp_path: Path) -> None:
    directory = write_release(tmp_path / "rel", PLAIN)
    assert _upload(home, directory, version="1.0").release.title == "shop/1.0"
    assert not _upload(home, directory, version="1.0").is_new
    (directory / "src/app/main").write_text("other\n")
    assert _failure(home, directory, version="1.0").code == "release-differs"


def test_a_packed_directory_is_the_release_that_it_was(home: ReleaseHome, tmp_path: Path) -> None:
    directory = write_release(tmp_path / "rel", PLAIN)
    uploaded = _upload(home, directory, version="1.0").release
    again = open_home(tmp_path / "other")
    store = BlobsDir(tmp_path / "home/blobs")
    with store.open_blob(uploaded.digest) as stream:
        copy = _written(tmp_path / "copy.tgz", stream.read())
    assert replace(_upload(again, copy).release, origin=uploaded.origin) == uploaded
    assert uploaded.commit_hash == "non-git"


def test_blobs_for_single_architectures_do_not_fit_into_a_tarball(home: ReleaseHome, tmp_path: Path) -> None:
    assert _failure(home, write_release(tmp_path / "rel")).code == "release-of-architectures"
    assert _blobs(home) == set()


def test_a_final_version_is_made_of_its_builds(home: ReleaseHome, tmp_path: Path) -> None:
    manifest = write_final(tmp_path / "rel")
    upload = _upload(home, manifest)
    assert (upload.release.title, upload.release.commit_hash) == ("shop/2", "abc")
    assert not _upload(home, manifest).is_new


def test_a_final_version_without_its_builds_is_refused(home: ReleaseHome, tmp_path: Path) -> None:
    manifest = write_final(tmp_path / "rel")
    shutil.rmtree(tmp_path / "rel/.final_builds/jobs")
    assert _failure(home, manifest).code == "final-build-missing"
    stray = _written(tmp_path / "shop.yml", b"name: shop\n")
    assert _failure(home, stray).code == "final-release-misplaced"


def _commit(directory: Path) -> str:
    git = ["git", "-C", str(directory), "-c", "user.name=me", "-c", "user.email=me@example.com"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *words], check=True)
    return f"git+file://{directory}"


def test_a_git_repository_gives_its_final_version_or_its_files(home: ReleaseHome, tmp_path: Path) -> None:
    plain = _commit(write_release(tmp_path / "plain", PLAIN))
    assert _upload(home, plain).release.version == "0+dev.1"
    write_final(tmp_path / "rel")
    url = _commit(tmp_path / "rel")
    assert _failure(home, url, version="7").code == "final-release-missing"
    upload = _upload(home, url)
    assert (upload.release.version, upload.release.origin) == ("2", url)
    work = Path(home.settings.home) / "releases/work"
    assert list(work.iterdir()) == []


def test_a_repository_that_cannot_be_cloned_is_told_without_its_password(home: ReleaseHome, tmp_path: Path) -> None:
    error = _failure(home, f"git+file://me:secret@{tmp_path}/none")
    assert error.code == "git-clone-failed"
    assert "secret" not in f"{error.what}{error.why}{error.fix}"


def test_without_git_a_repository_is_refused_in_words(tmp_path: Path) -> None:
    records = MemoryReleaseRecords()
    _, uploads = uploads_of(tmp_path / "home", records, path=str(tmp_path))
    with pytest.raises(InputError) as caught, uploads.clone("https://example.com/shop"):
        raise AssertionError
    assert caught.value.code == "git-absent"


def test_a_release_in_use_is_not_deleted_and_one_that_is_not_is_gone_whole(home: ReleaseHome, tmp_path: Path) -> None:
    _upload(home, _written(tmp_path / "shop.tgz", release_tarball()))
    manifest = "name: web\nreleases: [{name: shop, version: '1.2'}]\n"
    store = home.store
    assert isinstance(store, MemoryStore)
    state = DeploymentState(environment=HOME, deployment=DeploymentName("web"), manifest=manifest)
    with store.hold_lease(HOME, ENVIRONMENT_ITSELF, caller=calling("up")) as lease:
        access, key = SshAccess(user="root", public_key="ssh-ed25519 AAAA"), SecretRef(name="/home/ssh_key")
        store.save_environment(lease, Environment(name=HOME, clouds=(), ssh=access, ssh_key=key))
    with store.hold_lease(HOME, DeploymentName("web"), caller=calling("deploy")) as lease:
        store.save_deployment(lease, state)
        (row,) = uploaded_releases.list_releases(home).rows
        assert row["used_by"] == ["deployment 'web' of environment 'home'"]
        with pytest.raises(InputError) as caught:
            uploaded_releases.delete_releases(home, "shop", lambda _: None)
        assert (caught.value.code, "'web'" in caught.value.why) == ("release-in-use", True)
        store.delete_deployment(lease)
    assert uploaded_releases.delete_releases(home, "shop/1.2", lambda _: None) == 1
    assert (home.records.list_releases(), _blobs(home)) == ((), set())


def test_a_release_that_a_stored_plan_will_need_is_deleted_by_force_alone(home: ReleaseHome, tmp_path: Path) -> None:
    _upload(home, _written(tmp_path / "shop.tgz", release_tarball()))
    plan = Plan(
        run=RunId("r1"),
        environment=HOME,
        deployment=DeploymentName("web"),
        actions=(),
        manifest="releases: [{name: shop, version: '1.2'}]\n",
    )
    stored = StoredPlan(caller=calling("plan --save"), plan=plan, options=PlanOptions(), basis={})
    home.plans.save_plan(stored)
    with pytest.raises(InputError) as caught:
        uploaded_releases.delete_releases(home, "shop", lambda _: None)
    assert (caught.value.code, "plan 1" in caught.value.why) == ("release-planned", True)
    assert len(home.records.list_releases()) == 1
    assert uploaded_releases.delete_releases(home, "shop", lambda _: None, is_forced=True) == 1


def test_a_plan_that_is_too_old_or_of_another_release_keeps_nothing(home: ReleaseHome, tmp_path: Path) -> None:
    _upload(home, _written(tmp_path / "shop.tgz", release_tarball()))
    old = replace(calling("plan --save"), at=home.clock.now() - 31 * 86_400.0)
    for caller, version in ((old, "1.2"), (replace(old, at=home.clock.now()), "1.3")):
        plan = Plan(
            run=RunId(f"r{version}"),
            environment=HOME,
            deployment=DeploymentName(f"web{version}"),
            actions=(),
            manifest=f"releases: [{{name: shop, version: '{version}'}}]\n",
        )
        home.plans.save_plan(StoredPlan(caller=caller, plan=plan, options=PlanOptions(), basis={}))
    assert uploaded_releases.delete_releases(home, "shop", lambda _: None) == 1


def test_a_release_that_is_not_there_names_the_nearest(home: ReleaseHome, tmp_path: Path) -> None:
    _upload(home, _written(tmp_path / "shop.tgz", release_tarball()))
    for name, fix in (("shpo", "Did you mean 'shop'?"), ("shop/1.20", "Did you mean 'shop/1.2'?")):
        with pytest.raises(InputError) as caught:
            uploaded_releases.delete_releases(home, name, lambda _: None)
        assert (caught.value.code, caught.value.fix) == ("release-missing", fix)
    with pytest.raises(InputError) as caught:
        uploaded_releases.inspect_release(home, "shop")
    assert (caught.value.code, "shop/1.2" in caught.value.why) == ("release-not-named", True)


def test_an_inspected_release_shows_its_parts(home: ReleaseHome, tmp_path: Path) -> None:
    _upload(home, _written(tmp_path / "shop.tgz", release_tarball()))
    table = uploaded_releases.inspect_release(home, "shop/1.2")
    assert [(row["kind"], row["name"], row["packages"]) for row in table.rows] == [
        ("job", "web", ["app"]),
        ("package", "app", []),
    ]
