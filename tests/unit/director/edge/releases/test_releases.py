"""director.edge.releases.releases: directories."""

import hashlib
import io
import os
import shutil
import threading
from pathlib import Path

import pytest

from director.edge.releases.releases import LocalReleases
from director.errors import InputError, Problems
from director.model.ids import Digest
from director.model.releases.release import PackageSource, ReleaseReference
from tests.support.release_on_disk import BLOB, members_of, shelf_of, tgz, write_release


def _reference(url: str, *, base: Path | None = None, version: str = "create") -> ReleaseReference:
    return ReleaseReference(name="shop", version=version, url=url, base=str(base or ""), where="m.yml:4:3")


def _source(shelf: LocalReleases, directory: Path, architecture: str = "x86_64") -> PackageSource:
    reference = _reference(str(directory))
    (package,) = shelf.load_release(reference).packages
    return PackageSource(
        reference=reference, package=package.name, fingerprint=package.fingerprint, architecture=architecture
    )


def _failure(shelf: LocalReleases, reference: ReleaseReference) -> tuple[str, str]:
    with pytest.raises(InputError) as caught:
        shelf.load_release(reference)
    assert caught.value.fix
    return caught.value.code, caught.value.where


@pytest.mark.parametrize("url", ["{dir}/rel", "file://{dir}/rel", "rel", "../here/rel", "file://rel"])
def test_a_directory_is_found_by_path_or_url_from_the_manifests_folder(tmp_path: Path, url: str) -> None:
    here = tmp_path / "here"
    write_release(here / "rel")
    shelf, _ = shelf_of(tmp_path / "home")
    release = shelf.load_release(_reference(url.format(dir=here), base=here))
    assert (release.name, [job.name for job in release.jobs]) == ("shop", ["web"])


def test_loading_writes_nothing(tmp_path: Path) -> None:
    shelf, _ = shelf_of(tmp_path / "home")
    shelf.load_release(_reference(str(write_release(tmp_path / "rel"))))
    assert not (tmp_path / "home").exists()


def test_a_change_on_disk_is_seen_by_the_next_load(tmp_path: Path) -> None:
    directory = write_release(tmp_path / "rel")
    shelf, _ = shelf_of(tmp_path / "home")
    before = shelf.load_release(_reference(str(directory)))
    (directory / "src/app/main").write_text("other main\n")
    after = shelf.load_release(_reference(str(directory)))
    assert before.packages[0].fingerprint != after.packages[0].fingerprint


@pytest.mark.parametrize(
    ("url", "version", "code"),
    [
        ("", "1", "release-missing"),
        ("none", "create", "release-missing"),
        ("empty", "create", "release-missing"),
        ("rel", "1.0", "version-mismatch"),
        ("ftp://h/r", "create", "release-url-unknown"),
        ("http://192.0.2.1/r", "1", "release-unavailable"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told(tmp_path: Path, url: str, version: str, code: str) -> None:
    write_release(tmp_path / "rel")
    (tmp_path / "empty").mkdir()
    shelf, _ = shelf_of(tmp_path / "home")
    assert _failure(shelf, _reference(url, base=tmp_path, version=version)) == (code, "m.yml:4:3")


def test_a_template_may_be_a_link_and_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    directory = write_release(tmp_path / "rel", {"shared/run": "linked\n", "jobs/web/templates/run.j2": ""})
    (directory / "jobs/web/templates").mkdir()
    (directory / "jobs/web/templates/run.j2").symlink_to("../../../shared/run")
    shelf, _ = shelf_of(tmp_path / "home")
    (job,) = shelf.load_release(_reference(str(directory))).jobs
    assert job.templates[0].content == b"linked\n"
    (directory / "shared/run").unlink()
    assert _failure(shelf, _reference(str(directory))) == ("release-unreadable", "m.yml:4:3")


def test_a_package_holds_its_files_and_the_blobs_of_its_architecture(tmp_path: Path) -> None:
    directory = write_release(tmp_path / "rel")
    (directory / "src/app/main").chmod(0o700)
    (directory / "src/app/link").symlink_to("./main")
    shelf, store = shelf_of(tmp_path / "home")
    common = {
        "./packaging": (0o644, b"true\n"),
        "./app/main": (0o755, b"main\n"),
        "./app/link": (0o777, "./main"),
    }
    assert members_of(store, shelf.pack_package(_source(shelf, directory))) == common
    for word in ("arm64", "aarch64"):
        packed = shelf.pack_package(_source(shelf, directory, word))
        assert members_of(store, packed) == {**common, "./app/arm": (0o644, BLOB)}


def test_files_and_links_of_any_name_arrive_as_they_are(tmp_path: Path) -> None:
    names = [
        "with space",
        "quo'te\"s",
        "new\nline",
        "back\\slash",
        "-dash",
        ".hidden",
        "ünïcode-ファイル.txt",
        "b" * 240,
    ]
    directory = write_release(tmp_path / "rel")
    for name in names:
        (directory / "src/app" / name).write_text(name)
    (directory / "src/app/dangling").symlink_to("/nonexistent/testdata")
    (directory / "src/app/escaping").symlink_to("../../../../etc/passwd")
    shelf, store = shelf_of(tmp_path / "home")
    members = members_of(store, shelf.pack_package(_source(shelf, directory)))
    assert {name: members[f"./app/{name}"][1] for name in names} == {name: name.encode() for name in names}
    assert members["./app/dangling"][1] == "/nonexistent/testdata"
    assert members["./app/escaping"][1] == "../../../../etc/passwd"


def test_a_package_is_packed_once_and_remembered_by_later_processes(tmp_path: Path) -> None:
    directory = write_release(tmp_path / "rel")
    shelf, _ = shelf_of(tmp_path / "home")
    source = _source(shelf, directory)
    digest = shelf.pack_package(source)
    shutil.rmtree(directory)
    assert shelf.pack_package(source) == digest
    later, _ = shelf_of(tmp_path / "home")
    assert later.pack_package(source) == digest


def test_a_packed_archive_that_was_lost_is_made_again_with_the_same_bytes(tmp_path: Path) -> None:
    directory = write_release(tmp_path / "rel")
    shelf, store = shelf_of(tmp_path / "home")
    source = _source(shelf, directory)
    digest = shelf.pack_package(source)
    shutil.rmtree(tmp_path / "home" / "blobs")
    os.utime(directory / "src/app/main", (1, 1))
    assert shelf.pack_package(source) == digest
    assert store.has_blob(digest)


def test_many_threads_get_the_same_archive(tmp_path: Path) -> None:
    directory = write_release(tmp_path / "rel")
    shelf, _ = shelf_of(tmp_path / "home")
    source = _source(shelf, directory, "arm64")
    found: list[Digest] = []
    threads = [threading.Thread(target=lambda: found.append(shelf.pack_package(source))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


@pytest.mark.parametrize("is_fresh", [False, True])
def test_a_package_that_changed_after_the_plan_is_refused(tmp_path: Path, is_fresh: bool) -> None:
    directory = write_release(tmp_path / "rel")
    shelf, _ = shelf_of(tmp_path / "home")
    source = _source(shelf, directory)
    (directory / "src/app/main").write_text("another\n")
    with pytest.raises(InputError) as caught:
        (shelf_of(tmp_path / "home")[0] if is_fresh else shelf).pack_package(source)
    assert caught.value.code == "release-changed"


def test_a_blob_that_cannot_be_had_stops_only_its_architecture(tmp_path: Path) -> None:
    directory = write_release(tmp_path / "rel", {"store/77": ""})
    shelf, _ = shelf_of(tmp_path / "home")
    shelf.pack_package(_source(shelf, directory))
    with pytest.raises(InputError) as caught:
        shelf.pack_package(_source(shelf, directory, "arm64"))
    assert (caught.value.code, caught.value.where) == ("blob-unavailable", f"{directory}/config/blobs.yml:1:1")


SCRIPT = """\
test "$PWD" = "$BUILD_DIR" && cp "$RELEASE_DIR/LICENSE" app/copied
mkdir made && echo made > made/it && chmod 700 made/it && ln -s it made/link && rm app/main
"""


def test_pre_packaging_prepares_the_files_and_leaves_no_trace_of_itself(tmp_path: Path) -> None:
    changes = {"packages/app/pre_packaging": SCRIPT, "LICENSE": "free\n"}
    directory = write_release(tmp_path / "rel", changes)
    shelf, store = shelf_of(tmp_path / "home")
    assert members_of(store, shelf.pack_package(_source(shelf, directory))) == {
        "./packaging": (0o644, b"true\n"),
        "./app/copied": (0o644, b"free\n"),
        "./made/it": (0o755, b"made\n"),
        "./made/link": (0o777, "it"),
    }
    assert (directory / "src/app/main").read_text() == "main\n"


def test_a_pre_packaging_that_fails_shows_its_last_lines(tmp_path: Path) -> None:
    script = "echo the reason\nexit 3\n"
    directory = write_release(tmp_path / "rel", {"packages/app/pre_packaging": script})
    shelf, _ = shelf_of(tmp_path / "home")
    with pytest.raises(InputError) as caught:
        shelf.pack_package(_source(shelf, directory))
    assert (caught.value.code, caught.value.what, caught.value.where) == (
        "pre-packaging-failed",
        "The script pre_packaging ended with status 3.",
        f"{directory}/packages/app/pre_packaging",
    )
    assert caught.value.why == "Its last output: + echo the reason | the reason | + exit 3."


def test_a_package_without_compression_is_a_plain_tarball(tmp_path: Path) -> None:
    spec = "name: app\nfiles: ['app/*']\nno_compression: true\n"
    directory = write_release(tmp_path / "rel", {"packages/app/spec": spec})
    shelf, store = shelf_of(tmp_path / "home")
    with store.open_blob(shelf.pack_package(_source(shelf, directory))) as stream:
        assert stream.read(3) == b"./\0"


def test_a_vendored_package_comes_ready_from_the_blobstore(tmp_path: Path) -> None:
    ready = tgz({"packaging": b"true"})
    build = f"{{version: abc, blobstore_id: '88', sha1: {hashlib.sha1(ready).hexdigest()}}}"
    changes = {
        "packages/app/spec": "",
        "packages/app/packaging": "",
        "packages/app/spec.lock": "name: app\nfingerprint: abc\n",
        ".final_builds/packages/app/index.yml": f"builds:\n  abc: {build}\n",
        "store/88": "other",
    }
    directory = write_release(tmp_path / "rel", changes)
    shelf, store = shelf_of(tmp_path / "home")
    source = _source(shelf, directory)
    assert source.fingerprint == "abc"
    with pytest.raises(InputError) as caught:
        shelf.pack_package(source)
    assert caught.value.code == "blob-digest-mismatch"
    (directory / "store/88").write_bytes(ready)
    with store.open_blob(shelf.pack_package(source)) as stream:
        assert stream.read() == ready


def test_a_vendored_package_that_leads_out_of_its_archive_is_refused(tmp_path: Path) -> None:
    evil = tgz({"../packaging": b"true"})
    build = f"{{version: abc, blobstore_id: '88', sha1: {hashlib.sha1(evil).hexdigest()}}}"
    changes = {
        "packages/app/spec.lock": "name: app\nfingerprint: abc\n",
        ".final_builds/packages/app/index.yml": f"builds:\n  abc: {build}\n",
    }
    directory = write_release(tmp_path / "rel", changes)
    (directory / "store/88").write_bytes(evil)
    shelf, _ = shelf_of(tmp_path / "home")
    with pytest.raises(InputError) as caught:
        shelf.pack_package(_source(shelf, directory))
    assert caught.value.code == "archive-escapes"


@pytest.mark.parametrize(
    ("final", "pin", "why"),
    [
        ("provider: odd, options: {bucket_name: b}", "object_id: '77'", "provider 'odd' cannot be fetched"),
        ("provider: s3, options: {host: h}", "object_id: '77'", "`bucket_name` must be set"),
        ("provider: local, options: {blobstore_path: store}", "object_id: '78'", "No such file"),
        ("provider: local, options: {blobstore_path: store}", "object_id: '../x'", "is not an object id"),
        ("provider: local, options: {blobstore_path: '~nobody-here'}", "object_id: '77'", "No such file"),
        ("provider: local, options: {blobstore_path: store}", "size: 1", "never uploaded"),
        ("provider: https, options: {url: 'http://x'}", "object_id: '77'", "does not begin with https://"),
        ("provider: pypi", "object_id: 'pypi:x'", "pypi:<project>/<version>/<file name>"),
    ],
)
def test_a_blob_that_cannot_be_fetched_is_told_before_anything_is(
    tmp_path: Path, final: str, pin: str, why: str
) -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    changes = {
        "config/final.yml": f"name: shop\nblobstore: {{{final}}}\n",
        "config/blobs.yml": f"app/any: {{size: 1, {pin}, sha: 'sha256:{digest}'}}\n".replace("size: 1, size", "size"),
    }
    directory = write_release(tmp_path / "rel", changes)
    shelf, store = shelf_of(tmp_path / "home")
    source = _source(shelf, directory)
    (problem,) = shelf.package_problems([source])
    assert why in problem.why
    assert not (tmp_path / "home").exists()
    store.put_blob(io.BytesIO(b"x"))
    assert shelf.package_problems([source]) == ()


def test_folders_nested_without_end_are_refused(tmp_path: Path) -> None:
    directory = write_release(tmp_path / "rel")
    (directory / "src/app" / "/".join(["d"] * 900)).mkdir(parents=True)
    shelf, _ = shelf_of(tmp_path / "home")
    assert _failure(shelf, _reference(str(directory)))[0] == "release-unreadable"


def test_a_blob_known_by_its_sha1_is_fetched_and_its_package_is_fingerprinted_by_its_sha256(tmp_path: Path) -> None:
    blob = {"store/78": "sha1 only", "packages/app/spec": "name: app\nfiles: ['app/*', old/*]\n"}
    old = hashlib.sha1(b"sha1 only").hexdigest()
    pinned = {"config/blobs.yml": f"old/blob: {{object_id: '78', size: 9, sha: {old}}}\n", **blob}
    in_store = write_release(tmp_path / "in-store", pinned)
    on_disk = write_release(tmp_path / "on-disk", {**pinned, "blobs/old/blob": "sha1 only", "store/78": ""})
    shelf, _ = shelf_of(tmp_path / "home")
    first, second = (shelf.load_release(_reference(str(place))) for place in (in_store, on_disk))
    assert first.packages == second.packages
    shelf.pack_package(_source(shelf, in_store))
    changed = write_release(tmp_path / "changed", {**pinned, "store/78": "something else"})
    other, _ = shelf_of(tmp_path / "other-home")
    assert _failure(other, _reference(str(changed)))[0] == "blob-digest-mismatch"


def test_one_blob_that_cannot_be_fetched_brings_up_all_that_cannot(tmp_path: Path) -> None:
    changes = {
        "config/blobs.yml": f"old/a: {{object_id: '78', size: 9, sha: {'a' * 40}}}\n"
        f"old/b: {{object_id: '79', size: 9, sha: 'sha256:{'b' * 64}'}}\n",
        "packages/app/spec": "name: app\nfiles: ['app/*', old/*]\n",
        "packages/locked/spec.lock": "name: locked\nfingerprint: abc\n",
        ".final_builds/packages/locked/index.yml": "builds: {abc: {version: abc, blobstore_id: '80', sha1: "
        f"{'c' * 40}}}}}\n",
    }
    shelf, _ = shelf_of(tmp_path / "home")
    with pytest.raises(Problems) as caught:
        shelf.load_release(_reference(str(write_release(tmp_path / "rel", changes))))
    assert [(problem.code, problem.where.rpartition("/rel/")[2]) for problem in caught.value.problems] == [
        ("blob-unavailable", "config/blobs.yml:1:1"),
        ("blob-unavailable", "config/blobs.yml:2:1"),
        ("blob-unavailable", ".final_builds/packages/locked/index.yml:1:10"),
    ]
