"""A final version of a release directory: releases/NAME/NAME-VERSION.yml and the builds that it names.

Takes the files of the directory, gives a FinalRelease. Source: cloudfoundry/bosh-cli releasedir/fs_release_dir.go.
"""

from collections.abc import Iterator

from director.errors import raise_all
from director.model.releases.packed_release import FinalRelease
from director.model.releases.release_files import BlobPin, ReleaseTree, TextFile
from director.releases import final_builds, release_documents, release_stores
from director.releases.release_documents import ReleaseDocument, ReleaseFindings
from director.releases.release_stores import BlobSource


def read_final_release(tree: ReleaseTree, path: str, text: TextFile) -> FinalRelease:
    """Understand the final version whose manifest is at `path`.

    Raises InputError or Problems: final-build-missing, and those of the YAML.
    """
    findings = ReleaseFindings()
    manifest = release_documents.read_release_document(text.content, f"{tree.origin}/{path}", findings)
    source = release_stores.read_blob_source(
        _config(tree, "final.yml", findings), _config(tree, "private.yml", findings)
    )
    pins = dict(_pins(tree, manifest, source=source, findings=findings))
    raise_all(findings.problems)
    return FinalRelease(manifest=text.content, pins=pins)


def listed_versions(tree: ReleaseTree, path: str) -> tuple[str, ...]:
    """The versions that an index of versions (releases/NAME/index.yml, dev_releases/NAME/index.yml) lists."""
    text = tree.texts.get(path)
    if not text:
        return ()
    index = release_documents.read_release_document(text.content, f"{tree.origin}/{path}", ReleaseFindings())
    builds = index.child("builds")
    return tuple(builds.child(key).word("version") for key in builds.names())


def _pins(
    tree: ReleaseTree, manifest: ReleaseDocument, *, source: BlobSource, findings: ReleaseFindings
) -> Iterator[tuple[str, BlobPin]]:
    for kind in ("jobs", "packages"):
        for entry in manifest.children(kind):
            name, version = entry.word("name"), entry.word("version") or entry.word("fingerprint")
            path = final_builds.index_path(kind, name)
            pin = final_builds.find_build(tree, path, version=version, source=source, findings=findings)
            if pin:
                yield f"{kind}/{name}.tgz", pin
                continue
            entry.refuse(
                "final-build-missing",
                f"The build of {kind[:-1]} '{name}' in this final version is not listed.",
                why=f"{path} has no build of version {version}.",
                fix="Get the whole release directory, with .final_builds.",
            )


def _config(tree: ReleaseTree, name: str, findings: ReleaseFindings) -> ReleaseDocument:
    text = tree.texts.get(f"config/{name}")
    content = text.content if text else b""
    return release_documents.read_release_document(content, f"{tree.origin}/config/{name}", findings)
