"""The bundle `cloud-foundry` planned from a mirror: cf-deployment of the public manifests, and stub releases."""

import hashlib
from pathlib import Path

import pytest
import yaml

from tests.support import corpus, release_mirror
from tests.support.command import ROOT, Compleat

pytestmark = pytest.mark.skipif(not corpus.CORPUS.is_dir(), reason="the folder ../shared/corpus is absent")

SHIPPED = ROOT / "manifests/cloud-foundry"
MANIFEST = "cf-deployment/cf-deployment.yml"


def test_the_index_has_the_digest_of_the_published_manifest() -> None:
    published = corpus.CORPUS / "manifests/cloudfoundry+cf-deployment/cf-deployment.yml"
    (source,) = yaml.safe_load((SHIPPED / "index.yml").read_text())["sources"]
    digest = hashlib.sha256(published.read_bytes()).hexdigest()
    assert source["files"]["cf-deployment.yml"] == f"sha256:{digest}"
    assert yaml.safe_load(published.read_text())["manifest_version"] == f"v{source['version']}"


def test_it_lists_its_downloads_and_plans_from_a_mirror(tmp_path: Path) -> None:
    manifest = next(
        one for one in corpus.read_manifests() if one.name == "cloudfoundry+cf-deployment/cf-deployment.yml"
    )
    mirror, bundle = tmp_path / "mirror", release_mirror.copy_bundle(SHIPPED, tmp_path / "cloud-foundry")
    release_mirror.place_document(mirror, bundle, MANIFEST, release_mirror.write_mirror(mirror, manifest))
    compleat = _compleat(tmp_path / "home", f"{mirror}")
    words = ("--bundle", str(bundle), "-v", "system_domain=cf.example")

    rows = compleat.run("bundle", "downloads", str(bundle), "--json").ended().json["downloads"]
    releases = [
        one["name"] for one in manifest.tree["releases"] if one["name"] != "bpm"
    ]  # the guest runs what it starts
    assert {row["state"] for row in rows} == {"on disk"}
    assert [row["release"] for row in rows] == ["cf-deployment", *releases]
    plan = compleat.run("plan", *words, "--json").ended().json
    wanted = sum(int(group["instances"]) for group in manifest.tree["instance_groups"] if "lifecycle" not in group)
    (cf,) = [one for one in plan["plans"] if one["deployment"] == "cf"]
    assert sum(action["kind"] == "finish_instance" for action in cf["actions"]) == wanted

    (mirror / "capi-1.238.0.tgz").unlink()
    rows = compleat.run("bundle", "downloads", str(bundle), "--json").ended().json["downloads"]
    missing = [(row["release"], row["state"], row["from"]) for row in rows if row["state"] != "on disk"]
    address = "https://bosh.io/d/github.com/cloudfoundry/capi-release?v=1.238.0"
    assert missing == [("capi", "to download", address)]
    (mirror / "cf-deployment-58.0.0/cf-deployment.yml").write_text("name: cf\n")
    refused = compleat.run("plan", *words).ended(3)
    assert "digest-mismatch: " in refused.err
    assert "cloud-foundry/index.yml:" in refused.err


def _compleat(home: Path, mirror: str) -> Compleat:
    (home / "environments").mkdir(mode=0o700, parents=True)
    home.chmod(0o700)
    config = SHIPPED / "cloud-configs/local.yml"
    text = f"name: foundry\ncloud: local\ncloud_config: {config}\nrelease_sources: [{mirror}]\n"
    (home / "environments/foundry.yml").write_text(text)
    return Compleat(home=home, environment="foundry")
