"""director.releases.guest_bpm."""

import pytest

from director.model.releases.release import ReleaseReference
from director.releases.guest_bpm import guest_release


@pytest.mark.parametrize(
    ("version", "named"), [("1.1.18", "1.1.18"), ("latest", "0+guest"), ("1.latest", "0+guest"), ("create", "0+guest")]
)
def test_the_guests_bpm_has_the_version_that_the_manifest_names_and_nothing_to_compile(
    version: str, named: str
) -> None:
    release = guest_release(ReleaseReference(name="bpm", version=version, where="m.yml:3:1"))
    assert (release.name, release.version, release.packages) == ("bpm", named, ())
    assert [template.destination for template in release.jobs[0].templates] == ["bin/bpm", "bin/pre-start"]
    assert [(remark.code, remark.where) for remark in release.remarks] == [("bpm-provided", "m.yml:3:1")]
