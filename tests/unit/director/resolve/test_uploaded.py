"""Which uploaded release a manifest's release means."""

from dataclasses import replace

import pytest

from director.model.environments.desired import StemcellOffer
from director.model.ids import Digest
from director.model.releases.release import ReleaseReference
from director.model.releases.uploaded_release import UploadedRelease
from director.model.secret_ref import Property
from director.resolve.releases import uploaded

OFFER = StemcellOffer(os="ubuntu-jammy", version="1.9", architecture="x86_64")


def _record(version: str, compiled_for: str = "", name: str = "shop") -> UploadedRelease:
    digest = Digest(f"sha256:{name}-{version}-{compiled_for}")
    return UploadedRelease(
        name=name, version=version, digest=digest, outline=digest, size=1, content="", compiled_for=compiled_for
    )


RECORDS = (_record("1.2"), _record("1.10"), _record("2-rc.1"), _record("9", name="bank"))


@pytest.mark.parametrize(
    ("version", "url", "chosen"),
    [
        ("1.2", "", "1.2"),
        ("1.2", "https://example.com/shop.tgz", "1.2"),
        ("latest", "", "2-rc.1"),
        ("1.latest", "", "1.10"),
        ("latest", "https://example.com/shop.tgz", None),
        ("1.latest", "shop.tgz", None),
        ("create", "shop", None),
        ("3", "", None),
        ("3.latest", "", None),
    ],
)
def test_a_release_means_the_uploaded_one_of_its_version(version: str, url: str, chosen: str | None) -> None:
    reference = ReleaseReference(name="shop", version=version, url=url, where="m.yml:3")
    found = uploaded.choose_uploaded(reference, RECORDS, [OFFER])
    if chosen is None:
        assert found is None
    else:
        digest = _record(chosen).digest
        wanted = ReleaseReference(name="shop", version=chosen, where="m.yml:3", blob=digest, outline=digest)
        assert found == wanted


@pytest.mark.parametrize(
    ("compiled", "offers", "chosen"),
    [
        (["ubuntu-jammy/1.2"], [OFFER], "ubuntu-jammy/1.2"),
        (["ubuntu-noble/1.2"], [OFFER], ""),
        (["ubuntu-jammy/2.2"], [OFFER], ""),
        (["ubuntu-jammy/1.2"], [OFFER, replace(OFFER, os="debian")], ""),
        (["ubuntu-jammy/2.2", "ubuntu-jammy/1.0"], [OFFER], "ubuntu-jammy/1.0"),
    ],
)
def test_compiled_packages_are_taken_where_they_are_for_every_stemcell(
    compiled: list[str], offers: list[StemcellOffer], chosen: str
) -> None:
    records = [_record("1"), *(_record("1", stemcell) for stemcell in compiled)]
    found = uploaded.choose_uploaded(ReleaseReference(name="shop", version="1"), records, offers)
    assert found is not None
    assert found.blob == _record("1", chosen).digest


def test_the_releases_of_a_manifest_are_named_whatever_else_is_in_it() -> None:
    tree: Property = {
        "releases": [{"name": "a", "version": 1}, "odd", {"version": "2"}],
        "release": {"name": "b", "version": "3"},
    }
    assert list(uploaded.named_releases(tree)) == [("a", "1"), ("None", "2"), ("b", "3")]
    assert [*uploaded.named_releases(None), *uploaded.named_releases({"releases": "x"})] == []
