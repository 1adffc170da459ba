"""Release tarballs with compiled packages."""

from director.model.releases.release import ReleasePackage
from director.model.releases.release_files import ReleaseArchive
from director.releases import releases
from tests.unit.director.releases.test_releases import JOB


def test_a_compiled_release_says_for_which_stemcell_each_package_is() -> None:
    manifest = (
        b"name: shop\nversion: '1'\njobs: [{name: web, version: f1}]\ncommit_hash: abc\nuncommitted_changes: true\n"
        b"compiled_packages: [{name: app, version: f2, sha1: s, stemcell: ubuntu-jammy/1.200, dependencies: [lib]},"
        b" {name: lib, version: f3, sha1: t, stemcell: ubuntu-jammy/1.200}]\n"
    )
    archived = releases.read_release_archive(ReleaseArchive(origin="t.tgz", manifest=manifest, jobs={"web": JOB}))
    assert archived.release.packages == (
        ReleasePackage(name="app", fingerprint="f2", dependencies=("lib",), compiled_for="ubuntu-jammy/1.200"),
        ReleasePackage(name="lib", fingerprint="f3", compiled_for="ubuntu-jammy/1.200"),
    )
    assert archived.digests["compiled_packages/app.tgz"] == "s"
    assert (archived.commit_hash, archived.has_uncommitted_changes) == ("abc", True)
