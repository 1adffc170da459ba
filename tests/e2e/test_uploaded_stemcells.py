"""A stemcell of the operator's own on the command line: uploaded, planned with, deleted; the platform stays."""

from pathlib import Path

import pytest

from tests.support.command import ROOT, Compleat
from tests.support.stemcell_tarballs import NAME, OS, VERSION, write_stemcell

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

HELLO = ROOT / "manifests/examples/hello"


def test_a_stemcell_is_uploaded_named_by_a_manifest_and_deleted_with_proof(platform: Compleat, tmp_path: Path) -> None:
    path = write_stemcell(tmp_path, stemcell_formats=["compleat-host"], cloud_properties={"image": "host"})
    first = platform.run("upload-stemcell", str(path), "--json").ended().json
    assert (first["schema"], first["uploaded"]) == ("compleat.stemcell-upload/1", True)
    (record,) = first["stemcells"]
    again = platform.run("upload-stemcell", "no-such-file", "--name", NAME, "--version", VERSION).ended()
    assert "has already been uploaded" in again.out
    listed = platform.run("stemcells", "--json").ended().json["stemcells"]
    assert [row["cid"] for row in listed if row["name"] == NAME] == [record["cid"]]
    text = (HELLO / "hello.yml").read_text().replace("file://release", f"file://{HELLO}/release")
    manifest = tmp_path / "hello.yml"
    manifest.write_text(text.replace("os: linux", f"os: {OS}"))
    assert "hello/0" in platform.run("plan", str(manifest)).ended().out
    deleted = platform.run("delete-stemcell", f"{NAME}/{VERSION}", "-n", "--json").ended().json
    assert deleted["schema"] == "compleat.deleted-stemcell/1"
    assert NAME not in platform.run("stemcells").ended().out
    refused = platform.run("plan", str(manifest)).ended(3)
    assert "unknown-stemcell" in refused.err


def test_a_stemcell_that_the_cloud_cannot_take_is_refused_before_anything_is_made(
    platform: Compleat, tmp_path: Path
) -> None:
    for changes, code in (
        ({"bosh_protocol": 1}, "stemcell-needs-agent"),
        ({"stemcell_formats": ["openstack-raw"]}, "stemcell-format-mismatch"),
        ({"stemcell_formats": None, "cloud_properties": {}}, "image-not-supported"),
    ):
        path = write_stemcell(tmp_path, b"an image", **changes)
        assert code in platform.run("upload-stemcell", str(path)).ended(3).err
