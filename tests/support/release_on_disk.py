"""A small release written to disk, and a tarball made of pieces."""

import gzip
import hashlib
import io
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

from director.edge.blobs.blobs_dir import BlobsDir
from director.edge.downloads.downloads import DownloadSettings
from director.edge.downloads.pip_download import PipSettings
from director.edge.releases.fetch import Fetcher, FetchSettings
from director.edge.releases.final_versions import FinalReading
from director.edge.releases.git_program import GitProgram
from director.edge.releases.release_uploads import LocalUploads, UploadParts, UploadReading
from director.edge.releases.releases import LocalReleases, ReleaseReading
from director.model.ids import Digest
from director.ports.release_records import ReleaseRecords
from director.releases import final_releases, release_manifests, releases

BLOB = b"a blob for arm64"
FILES = {
    "config/final.yml": "name: shop\nblobstore: {provider: local, options: {blobstore_path: store}}\n",
    "config/blobs.yml": (
        f"app/arm: {{object_id: '77', size: {len(BLOB)}, architecture: arm64, "
        f"sha: 'sha256:{hashlib.sha256(BLOB).hexdigest()}'}}\n"
    ),
    "store/77": BLOB.decode(),
    "jobs/web/spec": "name: web\ntemplates: {run.j2: bin/run}\npackages: [app]\n",
    "jobs/web/monit": "",
    "jobs/web/templates/run.j2": "#!/bin/sh\n",
    "packages/app/spec": "name: app\nfiles: ['app/*']\n",
    "packages/app/packaging": "true\n",
    "src/app/main": "main\n",
}


def write_release(directory: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write it; changes of "" leave a file out."""
    for path, content in {**FILES, **(changes or {})}.items():
        if content:
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(content)
    if not (changes or {}).get("jobs/web/monit"):
        (directory / "jobs" / "web" / "monit").touch()
    return directory


PLAIN = {"config/blobs.yml": "{}\n"}
"""A release without blobs for single architectures."""


_FINALS = FinalReading(read_final=final_releases.read_final_release, listed_versions=final_releases.listed_versions)
_READING = ReleaseReading(
    read_tree=releases.read_release_tree,
    finish=releases.finish_release,
    read_archive=releases.read_release_archive,
    finals=_FINALS,
)
_SETTINGS = FetchSettings(
    pip=PipSettings(python=sys.executable, environment={"PATH": "/usr/bin:/bin"}),
    downloads=DownloadSettings(timeout_s=5.0, retry_delays_s=(), allows_loopback_http=True),
)


def shelf_of(home: Path) -> tuple[LocalReleases, BlobsDir]:
    """A ReleaseSource as the program wires it, but that loopback may be asked without TLS."""
    store = BlobsDir(home / "blobs")
    return LocalReleases(home / "releases", store, reading=_READING, settings=_SETTINGS), store


def uploads_of(
    home: Path, records: ReleaseRecords, *, path: str = "/usr/bin:/bin"
) -> tuple[LocalReleases, LocalUploads]:
    """A LocalUploads the same way, and its shelf; git is looked for in `path`."""
    shelf, store = shelf_of(home)
    parts = UploadParts(
        shelf=shelf,
        records=records,
        fetcher=Fetcher(home / "releases", store, _SETTINGS),
        git=GitProgram({"PATH": path, "HOME": str(home)}),
    )
    reading = UploadReading(
        releases=_READING,
        write_manifest=release_manifests.write_release_manifest,
        finals=_FINALS,
    )
    return shelf, LocalUploads(home / "releases", store, parts=parts, reading=reading)


def members_of(store: BlobsDir, digest: Digest) -> dict[str, tuple[int, bytes | str]]:
    """The files of a stored archive, with mode, and content or link."""
    found: dict[str, tuple[int, bytes | str]] = {}
    with store.open_blob(digest) as stream, tarfile.open(fileobj=stream) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if not member.isdir():
                found[member.name] = (member.mode, content.read() if content else member.linkname)
    return found


def tgz(files: Mapping[str, bytes]) -> bytes:
    """A tarball of the files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(out.getvalue(), compresslevel=1, mtime=0)


def release_tarball(changes: Mapping[str, bytes] | None = None, *, package: bytes | None = None) -> bytes:
    """A release tarball of one job and one package; changes of b"" leave a member out."""
    job = tgz({"./job.MF": b"name: web\npackages: [app]\n", "./monit": b""})
    package = package or tgz({"./packaging": b"true\n"})
    manifest = f"""\
name: shop
version: "1.2"
jobs: [{{name: web, version: f1, fingerprint: f1, sha1: 'sha256:{_sha256(job)}', packages: [app]}}]
packages: [{{name: app, version: f2, fingerprint: f2, sha1: {_sha1(package)}, dependencies: []}}]
"""
    members = {"./release.MF": manifest.encode(), "./jobs/web.tgz": job, "./packages/app.tgz": package}
    members.update(changes or {})
    return tgz({name: content for name, content in members.items() if content})


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


def write_final(directory: Path, name: str = "shop-2.yml") -> Path:
    """A release directory whose final version 2 has the builds of release_tarball."""
    write_release(directory, PLAIN)
    job = tgz({"./job.MF": b"name: web\npackages: [app]\n", "./monit": b""})
    package = tgz({"./packaging": b"true\n"})
    (directory / "store/j1").write_bytes(job)
    (directory / "store/p1").write_bytes(package)
    sha = {"j1": _sha1(job), "p1": _sha1(package)}
    manifest = (
        f"name: shop\nversion: '2'\ncommit_hash: abc\n"
        f"jobs: [{{name: web, version: f1, fingerprint: f1, sha1: {sha['j1']}}}]\n"
        f"packages: [{{name: app, version: f2, fingerprint: f2, sha1: {sha['p1']}}}]\n"
    )
    index = "builds: {{x: {{version: {}, blobstore_id: {}, sha1: {}}}}}\n"
    write_release(
        directory,
        {
            **PLAIN,
            f"releases/shop/{name}": manifest,
            "releases/shop/index.yml": "builds: {u: {version: '2'}, v: {version: '1'}}\n",
            ".final_builds/jobs/web/index.yml": index.format("f1", "j1", sha["j1"]),
            ".final_builds/packages/app/index.yml": index.format("f2", "p1", sha["p1"]),
        },
    )
    return directory / "releases/shop" / name
