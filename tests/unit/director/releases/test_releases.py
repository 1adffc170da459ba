"""director.releases.releases: directories and tarballs understood, and everything that can be wrong with them."""

import hashlib
from dataclasses import replace

import pytest

from cpi.contract.errors import ExplainedError
from director.errors import InputError, Problems
from director.model.releases.multi_digest import SingleDigest
from director.model.releases.release import (
    LinkDefinition,
    PropertyDefinition,
    Release,
    ReleaseJob,
    ReleasePackage,
    TemplateFile,
)
from director.model.releases.release_files import (
    BlobPin,
    BlobProvider,
    ListedFile,
    PackageDraft,
    ReleaseArchive,
    ReleaseDraft,
    ReleaseTree,
    TextFile,
)
from director.releases import releases

SHA = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("blob", "other")}
SPEC = b"""\
name: web
description: Serves.
future_key: {is: tolerated}
templates: {run.j2: bin/run}
packages: [app]
properties:
  port: {default: 80, description: Where}
  tls.enabled:
consumes: [{name: db, type: postgres, optional: true}]
provides:
- {name: http, type: http, properties: [port]}
"""


def _tree(texts: dict[str, str] | None = None, **listed: dict[str, ListedFile]) -> ReleaseTree:
    """A small good release; `texts` are added, or taken away by ""."""
    written = {
        "config/final.yml": "name: shop\n",
        "jobs/web/spec": SPEC.decode(),
        "jobs/web/monit": "check process web\n",
        "jobs/web/templates/run.j2": "#!/bin/sh\n",
        "packages/app/spec": "name: app\nfiles: [app/*]\n",
        "packages/app/packaging": "true\n",
        **(texts or {}),
    }
    files = {path: TextFile(content=text.encode()) for path, text in written.items() if text}
    sources = listed.get("sources", {"app/main": ListedFile(permissions=0o755)})
    return ReleaseTree(origin="rel", texts=files, sources=sources, blobs=listed.get("blobs", {}))


def _problems(tree: ReleaseTree) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        releases.read_release_tree(tree)
    found = caught.value.problems if isinstance(caught.value, Problems) else (caught.value,)
    return [_reported(problem) for problem in found]


def _reported(problem: ExplainedError) -> tuple[str, str]:
    assert problem.what
    assert problem.fix
    return problem.code, problem.where


def _finished(tree: ReleaseTree) -> Release:
    draft = releases.read_release_tree(tree)
    return releases.finish_release(draft, dict.fromkeys(draft.unread(), f"sha256:{SHA['other']}")).release


def _package(tree: ReleaseTree) -> PackageDraft:
    (package,) = releases.read_release_tree(tree).packages
    return package


def _fingerprint(tree: ReleaseTree) -> str:
    return _finished(tree).packages[0].fingerprint


def test_a_directory_is_understood_whole() -> None:
    draft = releases.read_release_tree(_tree())
    job = ReleaseJob(
        name="web",
        fingerprint=draft.jobs[0].fingerprint,
        where="rel/jobs/web/spec",
        templates=(TemplateFile(source="run.j2", destination="bin/run", content=b"#!/bin/sh\n"),),
        monit=b"check process web\n",
        packages=("app",),
        properties=(
            PropertyDefinition(name="port", default=80, description="Where"),
            PropertyDefinition(name="tls.enabled"),
        ),
        consumes=(LinkDefinition(name="db", type="postgres", is_optional=True),),
        provides=(LinkDefinition(name="http", type="http", properties=("port",)),),
    )
    assert (draft.name, draft.jobs, draft.unread()) == ("shop", (job,), ("src/app/main",))


def test_the_manifests_name_for_a_directory_wins_as_in_bosh() -> None:
    assert releases.read_release_tree(_tree(), "mine").name == "mine"


def test_the_old_key_for_the_name_is_understood() -> None:
    assert releases.read_release_tree(_tree({"config/final.yml": "final_name: old\n"})).name == "old"


def test_equal_content_has_an_equal_version_and_other_content_another() -> None:
    assert _finished(_tree()).version == _finished(_tree()).version
    assert _finished(_tree()).version != _finished(_tree({"jobs/web/monit": "other\n"})).version


@pytest.mark.parametrize(
    "path", ["jobs/web/spec", "jobs/web/monit", "jobs/web/templates/run.j2", "jobs/web/properties_schema.json"]
)
def test_every_file_of_a_job_counts_in_its_fingerprint(path: str) -> None:
    longer = (SPEC.decode() if path.endswith("spec") else "{}") + "\n"
    assert _finished(_tree({path: longer})).jobs[0].fingerprint != _finished(_tree()).jobs[0].fingerprint


def test_a_file_that_the_spec_does_not_name_counts_for_nothing() -> None:
    assert _finished(_tree({"jobs/web/templates/other": "x"})) == _finished(_tree())


def test_the_packages_spec_counts_for_nothing_but_what_it_chooses() -> None:
    reworded = "# the same\nname: app\nfiles: [app/main, app/*]\n"
    assert _fingerprint(_tree({"packages/app/spec": reworded})) == _fingerprint(_tree())
    assert _fingerprint(_tree({"packages/app/packaging": "false\n"})) != _fingerprint(_tree())


def test_the_mode_of_packaging_counts_for_nothing_and_that_of_a_file_does() -> None:
    tree = _tree()
    packaging = TextFile(content=tree.texts["packages/app/packaging"].content, permissions=0o755)
    other = replace(tree, texts={**tree.texts, "packages/app/packaging": packaging})
    assert _fingerprint(other) == _fingerprint(tree)
    assert _fingerprint(_tree(sources={"app/main": ListedFile(permissions=0o644)})) != _fingerprint(tree)


def test_excluded_files_are_left_out_and_links_kept() -> None:
    spec = "name: app\nfiles: ['app/**/*']\nexcluded_files: [app/*.o]\n"
    listed = {"app/a.o": ListedFile(), "app/lib/x": ListedFile(link="../y"), "app/z": ListedFile()}
    package = _package(_tree({"packages/app/spec": spec}, sources=listed))
    assert [(part.path, part.link) for part in package.parts] == [
        ("packaging", None),
        ("app/lib/x", "../y"),
        ("app/z", None),
    ]


def test_src_comes_before_blobs_for_the_same_path() -> None:
    package = _package(_tree(blobs={"app/main": ListedFile(), "app/more": ListedFile()}))
    assert [part.file for part in package.parts] == ["packages/app/packaging", "src/app/main", "blobs/app/more"]


def _blobs(**fields: str) -> dict[str, str]:
    entry = {"object_id": "pypi:app/1/app-1.tar.gz", "sha": f"sha256:{SHA['blob']}", "size": "5", **fields}
    lines = "".join(f"  {key}: {value}\n" for key, value in entry.items() if value)
    return {"config/blobs.yml": f"app/blob:\n{lines}"}


def test_a_blob_that_is_not_on_disk_counts_with_its_pinned_digest() -> None:
    absent = _tree(_blobs())
    there = _tree(_blobs(), blobs={"app/blob": ListedFile()})
    draft = releases.read_release_tree(there)
    digests = {"src/app/main": f"sha256:{SHA['other']}", "blobs/app/blob": f"sha256:{SHA['blob']}"}
    assert releases.read_release_tree(absent).unread() == ("src/app/main",)
    assert releases.finish_release(draft, digests).release == _finished(absent)


def test_a_blob_on_disk_that_is_not_the_pinned_one_is_told() -> None:
    with pytest.raises(InputError) as caught:
        _finished(_tree(_blobs(), blobs={"app/blob": ListedFile()}))
    assert _reported(caught.value) == ("blob-changed", "rel/config/blobs.yml:1:1")


def test_a_blob_for_one_architecture_counts_in_the_fingerprint_of_all() -> None:
    bound = _tree(_blobs(architecture="aarch64"))
    assert _fingerprint(bound) == _fingerprint(_tree(_blobs()))
    assert _package(bound).parts[1].pin == BlobPin(
        path="app/blob",
        provider=BlobProvider.PYPI,
        place="",
        object_id="pypi:app/1/app-1.tar.gz",
        size=5,
        digest=SingleDigest(algorithm="sha256", value=SHA["blob"]),
        architecture="arm64",
        where="rel/config/blobs.yml:1:1",
    )


@pytest.mark.parametrize(
    ("final", "object_id", "wanted"),
    [
        ("provider: local\n  options: {blobstore_path: /b}", "x", (BlobProvider.LOCAL, "/mine")),
        ("provider: https\n  options: {url: 'https://h/b'}", "x", (BlobProvider.HTTPS, "https://h/b")),
        ("provider: s3\n  options: {bucket_name: b}", "x", (BlobProvider.STORE, "")),
        (
            "provider: odd",
            "x",
            (BlobProvider.NONE, "Blobs of provider 'odd' cannot be fetched; s3, gcs, local, dav, https and pypi can"),
        ),
        ("provider: s3", "'pypi:a/1/f'", (BlobProvider.PYPI, "")),
        ("provider: pypi", "''", (BlobProvider.PYPI, "")),
    ],
)
def test_where_a_blob_comes_from(final: str, object_id: str, wanted: tuple[BlobProvider, str]) -> None:
    texts = {
        "config/final.yml": f"name: shop\nblobstore:\n  {final}\n",
        "config/private.yml": "blobstore: {options: {blobstore_path: /mine}}\n",
        **_blobs(object_id=object_id),
    }
    pin = _package(_tree(texts)).parts[1].pin
    assert pin
    assert (pin.provider, pin.place) == wanted


def test_a_blob_known_by_sha1_alone_is_fetched_before_its_package_has_a_fingerprint() -> None:
    sha1 = _blobs(sha="a" * 40)
    draft = releases.read_release_tree(_tree(sha1))
    assert [pin.path for pin in draft.unknown_blobs()] == ["app/blob"]
    finished = releases.finish_release(draft, {"src/app/main": f"sha256:{SHA['other']}", "blobs/app/blob": "sha256:77"})
    assert [part.digest for part in finished.packages[0].parts if part.is_missing] == ["sha256:77"]


def test_a_vendored_package_keeps_its_locked_fingerprint() -> None:
    texts = {
        "packages/app/spec": "",
        "packages/app/packaging": "",
        "packages/app/spec.lock": "name: app\nfingerprint: abc\ndependencies: []\n",
        ".final_builds/packages/app/index.yml": (
            f"builds:\n  abc: {{version: abc, blobstore_id: 77, sha1: 'sha256:{SHA['blob']}'}}\n"
        ),
        "config/final.yml": "name: shop\nblobstore: {provider: local, options: {blobstore_path: b}}\n",
    }
    package = _package(_tree(texts))
    assert package.vendored
    assert (package.fingerprint, package.vendored.object_id, package.vendored.place) == ("abc", "77", "b")
    without = {**texts, ".final_builds/packages/app/index.yml": ""}
    assert _problems(_tree(without)) == [("vendored-build-missing", "rel/packages/app/spec.lock:1:1")]


WRONG = {
    "config/final.yml": ("name: ''\n", "release-nameless", "rel/config/final.yml:1:1"),
    "config/blobs.yml": ("../up: {sha: x}\n", "digest-unreadable", "rel/config/blobs.yml:1:9"),
    "jobs/empty/monit": ("x", "job-spec-missing", "rel/jobs/empty"),
    "jobs/web/monit": ("", "job-monit-missing", "rel/jobs/web/spec:1:1"),
    "jobs/web/templates/run.j2": ("", "job-template-missing", "rel/jobs/web/spec:4:13"),
    "jobs/web/properties_schema.json": ("[" * 100_000, "job-schema-broken", "rel/jobs/web/properties_schema.json"),
    "jobs/other/spec": ("name: x\n", "job-name-mismatch", "rel/jobs/other/spec:1:1"),
    "packages/app/packaging": ("", "package-packaging-missing", "rel/packages/app/spec:1:1"),
    "packages/p/packaging": ("x", "package-spec-missing", "rel/packages/p"),
    "packages/p/spec": ("files: [none/*, 'a[']\n", "package-nameless", "rel/packages/p/spec:1:1"),
}


@pytest.mark.parametrize("path", sorted(WRONG))
def test_each_thing_that_is_wrong_is_told_with_its_place(path: str) -> None:
    content, code, where = WRONG[path]
    assert (code, where) in _problems(_tree({path: content}))


def test_everything_wrong_is_told_at_once() -> None:
    found = {code for code, _ in _problems(_tree({path: content for path, (content, _, _) in WRONG.items()}))}
    assert {code for _, code, _ in WRONG.values()} - found == {"package-spec-missing"}
    assert {"package-files-missing", "package-glob-broken", "blob-path-escapes"} <= found


def test_a_glob_that_cannot_be_read_is_not_also_said_to_match_nothing() -> None:
    tree = _tree({"packages/app/spec": "name: app\nfiles: ['a[']\n"})
    assert _problems(tree) == [("package-glob-broken", "rel/packages/app/spec:2:9")]


@pytest.mark.parametrize(
    ("line", "code", "where"),
    [
        ("templates: [run]", "release-wrong-type", "rel/jobs/web/spec:2:1"),
        ("properties: {a: {reload: true}}", "job-reload-without-script", "rel/jobs/web/spec:2:18"),
        ("packages: [[app]]", "release-wrong-type", "rel/jobs/web/spec:2:12"),
        ("packages: [none]", "job-package-unknown", "rel/jobs/web/spec"),
        ("properties: {a: text}", "release-wrong-type", "rel/jobs/web/spec:2:14"),
        ("consumes: [{name: a}]", "job-link-incomplete", "rel/jobs/web/spec:2:12"),
        ("consumes: [{name: a, type: b}, {name: a, type: c}]", "job-link-twice", "rel/jobs/web/spec:2:32"),
        ("provides: [{name: a, type: b, optional: true}]", "job-link-provided-optional", "rel/jobs/web/spec:2:31"),
        ("consumes: [{name: a, type: b, reload: [c]}]", "job-reload-without-script", "rel/jobs/web/spec:2:31"),
        ("packages: [", "yaml-broken", "rel/jobs/web/spec:3:1"),
        ("templates: {run.j2: ../../../etc/x}", "job-template-target", "rel/jobs/web/spec:2:13"),
        ("templates: {run.j2: bin/../../x}", "job-template-target", "rel/jobs/web/spec:2:13"),
        ("templates: {run.j2: /etc/x}", "job-template-target", "rel/jobs/web/spec:2:13"),
        ("templates: {run.j2: ''}", "job-template-target", "rel/jobs/web/spec:2:13"),
        ("templates: {run.j2: ./}", "job-template-target", "rel/jobs/web/spec:2:13"),
        ('templates: {run.j2: "a\\nb"}', "job-template-target", "rel/jobs/web/spec:2:13"),
        (f"templates: {{run.j2: bin/{'x' * 300}}}", "job-template-target", "rel/jobs/web/spec:2:13"),
        (f"templates: {{run.j2: {'x/' * 600}y}}", "job-template-target", "rel/jobs/web/spec:2:13"),
    ],
)
def test_a_job_spec_that_is_wrong(line: str, code: str, where: str) -> None:
    assert _problems(_tree({"jobs/web/spec": f"name: web\n{line}\n"})) == [(code, where)]


def test_a_templates_target_is_a_plain_path() -> None:
    release = _finished(_tree({"jobs/web/spec": "name: web\ntemplates: {run.j2: ./bin//x/../run}\n"}))
    assert release.jobs[0].templates[0].destination == "bin/run"


def test_a_name_that_bosh_refuses_is_refused() -> None:
    assert ("release-name-invalid", "rel/jobs/web/spec:1:1") in _problems(_tree({"jobs/web/spec": "name: a/b\n"}))
    broken = _problems(_tree({"packages/app/spec": "name: 'a b'\nfiles: [app/*]\n"}))
    assert ("release-name-invalid", "rel/packages/app/spec:1:1") in broken
    assert _problems(_tree({"config/final.yml": "name: [a]\n"}))[0] == (
        "release-wrong-type", "rel/config/final.yml:1:1",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["../../../etc", "..", "a/b", "x" * 300, "a b"])
@pytest.mark.parametrize("key", [b"name: shop", b"name: web", b"name: app", b"version: f1", b"fingerprint: f2"])
def test_a_tarball_with_a_name_that_bosh_refuses_is_refused(name: str, key: bytes) -> None:
    manifest = MANIFEST.replace(key, key.split(b":")[0] + b": '" + name.encode() + b"'")
    with pytest.raises(InputError) as caught:
        releases.read_release_archive(ReleaseArchive(origin="t.tgz", manifest=manifest, jobs={name: JOB, "web": JOB}))
    found = caught.value.problems if isinstance(caught.value, Problems) else (caught.value,)
    assert "release-name-invalid" in {problem.code for problem in found}


def test_a_script_must_not_come_in_through_files() -> None:
    tree = _tree({"packages/app/spec": "name: app\nfiles: [packaging]\n"}, sources={"packaging": ListedFile()})
    assert _problems(tree) == [("package-script-in-files", "rel/packages/app/spec:2:1")]


def test_a_circle_of_packages_is_spelled_out() -> None:
    texts = {}
    for name, needs in {"app": "b", "b": "c", "c": "app"}.items():
        texts[f"packages/{name}/spec"] = f"name: {name}\ndependencies: [{needs}]\n"
        texts[f"packages/{name}/packaging"] = "true\n"
    with pytest.raises(InputError) as caught:
        releases.read_release_tree(_tree(texts))
    assert (caught.value.code, caught.value.what) == (
        "package-cycle",
        "Packages have a dependency cycle: app -> b -> c -> app.",
    )


def test_an_unknown_dependency_is_told() -> None:
    assert _problems(_tree({"packages/app/spec": "name: app\ndependencies: [none]\n"})) == [
        ("package-dependency-unknown", "rel")
    ]


MANIFEST = b"""\
name: shop
version: "1.2"
jobs: [{name: web, version: f1, fingerprint: f1, sha1: s1, packages: [app]}]
packages: [{name: app, version: f2, fingerprint: f2, sha1: s2, dependencies: []}]
"""
JOB = {
    "job.MF": TextFile(content=b"name: web\npackages: [app]\n"),
    "monit": TextFile(content=b""),
}


def test_a_tarball_is_understood_whole() -> None:
    archived = releases.read_release_archive(ReleaseArchive(origin="t.tgz", manifest=MANIFEST, jobs={"web": JOB}))
    job = ReleaseJob(
        name="web", fingerprint="f1", where="t.tgz/jobs/web/job.MF", templates=(), monit=b"", packages=("app",)
    )
    package = ReleasePackage(name="app", fingerprint="f2")
    assert archived.release == Release(name="shop", version="1.2", origin="t.tgz", jobs=(job,), packages=(package,))
    assert archived.digests == {"jobs/web.tgz": "s1", "packages/app.tgz": "s2"}


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        (MANIFEST.replace(b"name: shop\n", b""), "release-incomplete"),
        (MANIFEST + b"compiled_packages: [{name: x, stemcell: a/1}]\n", "release-compiled-in-part"),
        (b"name: a\nversion: '1'\ncompiled_packages: [{name: x, stemcell: a}]\n", "compiled-stemcell-unknown"),
        (MANIFEST.replace(b"web", b"other"), "job-archive-missing"),
        (b"{", "yaml-broken"),
    ],
)
def test_a_tarball_that_is_wrong(manifest: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        releases.read_release_archive(ReleaseArchive(origin="t.tgz", manifest=manifest, jobs={"web": JOB}))
    found = caught.value.problems if isinstance(caught.value, Problems) else (caught.value,)
    assert found[0].code == code


def test_finishing_twice_gives_the_same() -> None:
    draft = releases.read_release_tree(_tree())
    assert isinstance(draft, ReleaseDraft)
    digests = {"src/app/main": f"sha256:{SHA['other']}"}
    assert releases.finish_release(draft, digests) == releases.finish_release(draft, digests)
