"""release.MF written: what a release tarball holds.

Takes a packed release, gives the file's bytes. Source: cloudfoundry/bosh-cli release/manifest/release.go.
"""

from collections.abc import Iterator

from director.model.releases.packed_release import PackedRelease
from director.model.secret_ref import Property
from director.text.yaml import writer


def write_release_manifest(packed: PackedRelease) -> bytes:
    """The manifest; an archive's version is its fingerprint, as BOSH writes it."""
    manifest: dict[str, Property] = {
        "name": packed.release.name,
        "version": packed.version,
        "commit_hash": packed.commit.hash,
        "uncommitted_changes": packed.commit.has_changes,
        "jobs": list(_jobs(packed)),
        "packages": list(_packages(packed)),
    }
    return writer.write_yaml(manifest).encode()


def _jobs(packed: PackedRelease) -> Iterator[dict[str, Property]]:
    for job in packed.release.jobs:
        yield {
            "name": job.name,
            "version": job.fingerprint,
            "fingerprint": job.fingerprint,
            "sha1": packed.digests[f"jobs/{job.name}.tgz"],
            "packages": list(job.packages),
        }


def _packages(packed: PackedRelease) -> Iterator[dict[str, Property]]:
    for package in packed.release.packages:
        yield {
            "name": package.name,
            "version": package.fingerprint,
            "fingerprint": package.fingerprint,
            "sha1": packed.digests[f"packages/{package.name}.tgz"],
            "dependencies": list(package.dependencies),
        }
