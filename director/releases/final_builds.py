"""Final builds: the index of a job's or package's archives in the release's blobstore.

Takes the files of a release directory, gives pins. Source: cloudfoundry/bosh-cli releasedir/index/fs_index.go.
"""

from director.model.releases.release_files import BlobPin, ReleaseTree
from director.releases import release_blobs, release_documents
from director.releases.release_documents import ReleaseDocument, ReleaseFindings
from director.releases.release_stores import BlobSource


def index_path(kind: str, name: str) -> str:
    """Where the index of one job (`kind` "jobs") or package ("packages") is."""
    return f".final_builds/{kind}/{name}/index.yml"


def find_build(
    tree: ReleaseTree, path: str, *, version: str, source: BlobSource, findings: ReleaseFindings
) -> BlobPin | None:
    """The build of that version (its fingerprint), None if the index lists none. The key of a build says nothing."""
    text = tree.texts.get(path)
    if not text:
        return None
    apart = ReleaseFindings(findings.problems)  # of all its builds one is looked at
    document = release_documents.read_release_document(text.content, f"{tree.origin}/{path}", apart)
    builds = document.child("builds")
    for build in (builds.child(key) for key in builds.names()):
        if build.word("version") == version:
            return _pin_build(build, source)
    return None


def _pin_build(build: ReleaseDocument, source: BlobSource) -> BlobPin | None:
    digest = release_blobs.read_digest(build, "sha1")
    if not digest:
        return None
    return release_blobs.pin_object(build.word("blobstore_id"), source, digest=digest, where=build.where())
