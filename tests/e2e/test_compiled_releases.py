"""A deployment of a compiled release: its packages are used as they are, and no VM compiles anything."""

import hashlib
from pathlib import Path

import pytest

from cpi.clouds.local.images import host_stemcell
from tests.e2e.story import actions_of
from tests.support.command import Compleat
from tests.support.release_on_disk import tgz

pytestmark = pytest.mark.slow

_MANIFEST = """\
name: shop
stemcells: [{alias: default, os: linux, version: latest}]
releases: [{name: shop, version: '1', url: shop.tgz}]
update: {canaries: 1, max_in_flight: 1, canary_watch_time: 500-30000, update_watch_time: 500-30000}
instance_groups:
- {name: web, instances: 1, azs: [z1], stemcell: default, vm_type: default, networks: [{name: default}],
   jobs: [{name: web, release: shop}]}
"""


def test_a_compiled_release_is_deployed_without_compiling(platform: Compleat, tmp_path: Path) -> None:
    (tmp_path / "shop.tgz").write_bytes(_compiled_release())
    (tmp_path / "shop.yml").write_text(_MANIFEST)
    kinds = [kind for kind, _ in actions_of(platform.run("plan", "shop.yml", "--json", cwd=tmp_path).ended())]
    assert ("take_compiled" in kinds, "compile_package" in kinds) == (True, False)
    assert kinds.count("create_vm") == 1, "the instance's own VM alone"
    try:
        platform.run("deploy", "-n", "shop.yml", cwd=tmp_path).ended()
        word = platform.run("ssh", "-d", "shop", "web/0", "-c", "cat /var/vcap/packages/app/word").ended().out
        assert word == "compiled elsewhere\n"
        assert "nothing to change" in platform.run("deploy", "-n", "shop.yml", cwd=tmp_path).ended().out
    finally:
        platform.run("delete-deployment", "-n", "-d", "shop").ended()


def _compiled_release() -> bytes:
    """As `bosh export-release` writes it, for the stemcell of this machine."""
    stemcell = host_stemcell.read_host()
    job = tgz({"./job.MF": b"name: web\npackages: [app]\n", "./monit": b""})
    package = tgz({"./word": b"compiled elsewhere\n"})
    manifest = f"""\
name: shop
version: '1'
jobs: [{{name: web, version: f1, fingerprint: f1, sha1: '{_digest(job)}', packages: [app]}}]
compiled_packages:
- {{name: app, version: f2, fingerprint: f2, sha1: '{_digest(package)}', dependencies: [],
   stemcell: {stemcell.os}/{stemcell.version}}}
"""
    return tgz({"./release.MF": manifest.encode(), "./jobs/web.tgz": job, "./compiled_packages/app.tgz": package})


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
