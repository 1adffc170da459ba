"""Accepted means acted on: every key of a release's files changes what is read, is for people, or draws a remark.

The keys are those that the reader itself asks for; a key that it begins to ask for needs a row here.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml

from director.errors import InputError
from director.model.releases.release_files import ListedFile, ReleaseArchive, ReleaseTree, TextFile
from director.releases import releases
from director.releases.release_documents import ReleaseFindings
from tests.support import key_walk
from tests.support.key_walk import ABSENT, Acts, Says

ONE, TWO = (f"sha256:{digit * 64}" for digit in "12")
PEOPLE = "for people, or for BOSH's own tools"
Row = Acts | Says | str

SPEC: Mapping[str, Row] = {
    "name": Says("a b", "release-name-invalid"),
    "description": PEOPLE,
    "templates": Acts({"run": "bin/run"}, {"run": "bin/other"}),
    "packages": Acts([], ["app"]),
    "properties": Acts({"a": {}}, {"b": {}}),
    "properties{}.default": Acts(1, 2),
    "properties{}.description": Acts("one", "two"),
    "properties{}.reload": Says(True, "job-reload-without-script"),
    **dict.fromkeys((f"properties{{}}.{key}" for key in ("env", "env_fields", "env_file", "example", "type")), PEOPLE),
    "consumes[].name": Acts("one", "two"),
    "consumes[].type": Acts("one", "two"),
    "consumes[].optional": Acts(True, False),
    "consumes[].properties": Acts(["a"], ["b"]),
    "consumes[].reload": Says(["a"], "job-reload-without-script"),
    "provides[].name": Acts("one", "two"),
    "provides[].type": Acts("one", "two"),
    "provides[].optional": Says(True, "job-link-provided-optional"),
    "provides[].properties": Acts(["a"], ["b"]),
}
PACKAGE: Mapping[str, Row] = {
    "name": Acts("one", "two"),
    "files": Acts(["app/a"], ["app/b"]),
    "excluded_files": Acts([], ["app/a"]),
    "dependencies": Acts([], ["more"]),
    "no_compression": Acts(True, False),
}
LOCK: Mapping[str, Row] = {
    "name": Says("other", "vendored-build-missing"),
    "fingerprint": Says("a b", "release-name-invalid"),
    "dependencies": Acts([], ["more"]),
}
FINAL: Mapping[str, Row] = {
    "name": Acts("one", "two"),
    "final_name": Acts("one", "two", {"name": ABSENT}),
    "no_compression": Acts(True, False),
    "blobstore.provider": Acts("https", "pypi"),
    "blobstore.options.url": Acts("https://one", "https://two"),
}
PRIVATE: Mapping[str, Row] = {
    "blobstore.options.url": Acts("https://one", "https://two"),
    "blobstore.provider": PEOPLE,
}
BLOBS: Mapping[str, Row] = {
    "{}.sha": Acts(ONE, TWO),
    "{}.size": Acts(1, 2),
    "{}.object_id": Acts("one", "two"),
    "{}.architecture": Acts("amd64", "arm64"),
}
MANIFEST: Mapping[str, Row] = {
    **{key: Acts("1", "2") for key in ("name", "version")},
    **dict.fromkeys(("license", "jobs[].packages", "no_compression"), PEOPLE),
    "commit_hash": Acts("one", "two"),
    "uncommitted_changes": Acts(True, False),
    "compiled_packages": Says([{"name": "c", "dependencies": []}], "release-compiled-in-part"),
    "jobs[].name": Says("a b", "release-name-invalid"),
    "jobs[].version": Acts("1", "2", {"jobs[].fingerprint": ABSENT}),
    "jobs[].fingerprint": Acts("1", "2"),
    "jobs[].sha1": Acts(ONE, TWO),
    "packages[].name": Says("a b", "release-name-invalid"),
    "packages[].version": Acts("1", "2", {"packages[].fingerprint": ABSENT}),
    "packages[].fingerprint": Acts("1", "2"),
    "packages[].sha1": Acts(ONE, TWO),
    "packages[].dependencies": Acts([], ["more"]),
}
GOOD_SPEC: Any = {
    "name": "web",
    "templates": {"run": "bin/run"},
    "packages": ["app"],
    "properties": {"a": {"default": 0}},
    "consumes": [{"name": "db", "type": "t"}],
    "provides": [{"name": "db", "type": "t"}],
}
TREE: Mapping[str, Any] = {
    "config/final.yml": {"name": "shop", "blobstore": {"provider": "https", "options": {"url": "https://x"}}},
    "config/private.yml": {"blobstore": {"options": {}}},
    "config/blobs.yml": {"app/blob": {"sha": ONE, "size": 1, "object_id": "o"}},
    "jobs/web/spec": GOOD_SPEC,
    "packages/app/spec": {"name": "app", "files": ["app/*"]},
    "packages/more/spec": {"name": "more", "files": []},
    "packages/vendored/spec.lock": {"name": "vendored", "fingerprint": "f"},
}
BUILDS = {"builds": {"f": {"version": "f", "blobstore_id": "b", "sha1": ONE, "later": 1}}}
TEXTS = {
    "jobs/web/monit": "",
    "jobs/web/templates/run": "x",
    "packages/app/packaging": "true",
    "packages/more/packaging": "true",
    ".final_builds/packages/vendored/index.yml": yaml.safe_dump(BUILDS),
}
RELEASE: Any = {
    "name": "shop",
    "version": "1",
    "commit_hash": "none",
    "uncommitted_changes": False,
    "jobs": [{"name": "web", "version": "v", "fingerprint": "v", "sha1": ONE}],
    "packages": [
        {"name": "app", "version": "v", "fingerprint": "v", "sha1": ONE, "dependencies": []},
        {"name": "more", "version": "v", "fingerprint": "v", "sha1": ONE, "dependencies": []},
    ],
}
Read = Callable[[Any, ReleaseFindings], object]


def _in_tree(path: str) -> Read:
    def read(document: Any, findings: ReleaseFindings) -> object:
        texts = {**TEXTS, **{each: yaml.safe_dump(tree) for each, tree in {**TREE, path: document}.items()}}
        if path.startswith("packages/app"):
            texts["jobs/web/spec"] = yaml.safe_dump({**GOOD_SPEC, "packages": []})
        files = {each: TextFile(content=text.encode()) for each, text in texts.items()}
        sources = {"app/a": ListedFile(), "app/b": ListedFile()}
        return releases.read_release_tree(ReleaseTree(origin="rel", texts=files, sources=sources), findings=findings)

    return read


def _manifest(document: Any, findings: ReleaseFindings) -> object:
    return _archive(document, GOOD_SPEC, findings)


def _job_manifest(document: Any, findings: ReleaseFindings) -> object:
    return _archive(RELEASE, document, findings)


def _archive(manifest: Any, spec: Any, findings: ReleaseFindings) -> object:
    job = {"job.MF": yaml.safe_dump(spec), "monit": "", "templates/run": "x"}
    files = {path: TextFile(content=text.encode()) for path, text in job.items()}
    archive = ReleaseArchive(origin="t.tgz", manifest=yaml.safe_dump(manifest).encode(), jobs={"web": files})
    return releases.read_release_archive(archive, findings=findings)


KINDS: Mapping[str, tuple[str, Mapping[str, Row], Read]] = {
    "spec": ("rel/jobs/web/spec", SPEC, _in_tree("jobs/web/spec")),
    "job.MF": ("t.tgz/jobs/web/job.MF", SPEC, _job_manifest),
    "package": ("rel/packages/app/spec", PACKAGE, _in_tree("packages/app/spec")),
    "lock": ("rel/packages/vendored/spec.lock", LOCK, _in_tree("packages/vendored/spec.lock")),
    "final": ("rel/config/final.yml", FINAL, _in_tree("config/final.yml")),
    "private": ("rel/config/private.yml", PRIVATE, _in_tree("config/private.yml")),
    "blobs": ("rel/config/blobs.yml", BLOBS, _in_tree("config/blobs.yml")),
    "release.MF": ("t.tgz/release.MF", MANIFEST, _manifest),
}
GOOD: Mapping[str, Any] = {
    "job.MF": GOOD_SPEC,
    "release.MF": RELEASE,
    **{kind: TREE[file.removeprefix("rel/")] for kind, (file, _, _) in KINDS.items() if file.startswith("rel/")},
}


def _asked(kind: str) -> set[str]:
    file, _, read = KINDS[kind]
    findings = ReleaseFindings()
    read(GOOD[kind], findings)
    (document,) = (each for each in findings.documents if each.where().startswith(f"{file}:"))
    return set(document.asked_keys())


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_that_is_read_has_a_row_and_every_row_a_key(kind: str) -> None:
    asked, rows = _asked(kind), set(KINDS[kind][1])
    holders = {key for key in asked if any(row.startswith((f"{key}.", f"{key}[]", f"{key}{{}}")) for row in rows)}
    assert asked - holders - rows == set()
    assert rows - asked == set()


@pytest.mark.parametrize(
    ("kind", "key"), [(kind, key) for kind, (_, rows, _) in KINDS.items() for key, row in rows.items() if row != PEOPLE]
)
def test_what_is_said_of_a_key_is_so(kind: str, key: str) -> None:
    _, rows, read = KINDS[kind]
    row = rows[key]
    assert not isinstance(row, str)
    wrong = key_walk.wrong_with(
        _path(key),
        row,
        GOOD[kind],
        outcome=lambda document: _without_fingerprints(read(document, ReleaseFindings()), key),
        codes_of=lambda document: _codes(read, document),
    )
    assert wrong == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_nobody_asks_for_is_named_with_its_place(kind: str) -> None:
    file, rows, read = KINDS[kind]
    places = {"".join(key.rpartition(".")[:2]) for key in rows}
    for place in sorted(places):
        document = key_walk.put(GOOD[kind], _path(f"{place}mystery"), 1)
        found: Any = read(document, ReleaseFindings())
        unused = getattr(found, "release", found).unused_keys
        assert [(each.key, each.where.rpartition(":")[0].rpartition(":")[0]) for each in unused] == [("mystery", file)]


def test_a_mistyped_key_is_told_with_the_one_that_was_meant() -> None:
    document = key_walk.put(GOOD_SPEC, "properties{}.defalt", 1)
    found: Any = _in_tree("jobs/web/spec")(document, ReleaseFindings())
    assert [(each.key, each.near) for each in found.unused_keys] == [("defalt", "default")]


def test_what_is_for_people_is_not_remarked() -> None:
    for kind, (_, rows, read) in KINDS.items():
        for key in (key for key, row in rows.items() if row == PEOPLE):
            found: Any = read(key_walk.put(GOOD[kind], key, ["x"]), ReleaseFindings())
            assert getattr(found, "release", found).unused_keys == (), key


def _path(key: str) -> str:
    """The place of a row's key in the good document: the map of blobs begins with its names."""
    return key.replace("{}", "app/blob", 1) if key.startswith("{}") else key


def _codes(read: Read, document: Any) -> set[str]:
    try:
        read(document, ReleaseFindings())
    except InputError as error:
        return {problem.code for problem in getattr(error, "problems", (error,))}
    return set()


def _without_fingerprints(outcome: object, key: str) -> str:
    """The content as text. Every letter of a spec is in its fingerprint, used or not."""
    return str(outcome) if "fingerprint" in key or "version" in key else _bare(str(outcome))


def _bare(text: str) -> str:
    return re.sub(r"fingerprint='[0-9a-f]{64}'", "", text)
