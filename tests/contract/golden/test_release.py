"""Releases against what the reference CLI made of the same directory."""

from pathlib import Path

import pytest
import yaml

from director.edge.releases import release_directory
from director.model.releases.release import Release
from director.releases import releases

GOLDEN = Path(__file__).parents[3] / ".." / "shared" / "golden" / "release"
pytestmark = pytest.mark.skipif(not GOLDEN.is_dir(), reason="the golden data is not beside this checkout")


def _load(directory: Path) -> Release:
    draft = releases.read_release_tree(release_directory.read_tree(directory))
    read = release_directory.FileDigests().digest_files(directory, draft.unread())
    return releases.finish_release(draft, read).release


def test_names_fingerprints_and_dependencies_are_the_reference_clis() -> None:
    wanted = yaml.safe_load((GOLDEN / "expected" / "release.MF").read_text())
    release = _load(GOLDEN / "garden-release")
    assert release.name == wanted["name"]
    assert [(job.name, job.fingerprint, list(job.packages)) for job in release.jobs] == [
        (job["name"], job["fingerprint"], job["packages"]) for job in wanted["jobs"]
    ]
    assert [(package.name, package.fingerprint, list(package.dependencies)) for package in release.packages] == [
        (package["name"], package["fingerprint"], package["dependencies"]) for package in wanted["packages"]
    ]
