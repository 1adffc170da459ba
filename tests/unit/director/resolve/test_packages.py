"""A package's key changes when its result could, and only then."""

from dataclasses import replace

from director.model.environments.desired import StemcellOffer
from director.model.releases.release import ReleasePackage
from director.resolve.releases.packages import package_key
from tests.unit.director.resolve.case_files import CASES, resolve_case

PACKAGE = ReleasePackage(name="ruby", fingerprint="f1")
STEMCELL = StemcellOffer(os="debian", version="12.1", architecture="x86_64")


def test_each_thing_that_matters_changes_the_key() -> None:
    keys = {
        package_key(PACKAGE, ["k1"], STEMCELL),
        package_key(replace(PACKAGE, fingerprint="f2"), ["k1"], STEMCELL),
        package_key(replace(PACKAGE, name="rubby"), ["k1"], STEMCELL),
        package_key(PACKAGE, ["k2"], STEMCELL),
        package_key(PACKAGE, ["k1"], replace(STEMCELL, os="ubuntu")),
        package_key(PACKAGE, ["k1"], replace(STEMCELL, version="13.1")),
        package_key(PACKAGE, ["k1"], replace(STEMCELL, architecture="arm64")),
    }
    assert len(keys) == 7


def test_what_does_not_matter_leaves_the_key() -> None:
    other = replace(STEMCELL, version="12.9", cid="elsewhere")
    assert package_key(PACKAGE, ["a", "b"], STEMCELL) == package_key(PACKAGE, ["b", "a"], other)


def test_a_dependency_comes_before_what_needs_it_and_is_named_by_its_key() -> None:
    packages = resolve_case(CASES / "whole").packages
    keys = {need.name: need.key for need in packages}
    web = next(need for need in packages if need.name == "web")
    assert web.dependencies == (keys["ruby"], keys["libyaml"])
    assert [need.name for need in packages].index("web") > [need.name for need in packages].index("libyaml")


def test_a_package_says_where_its_source_is() -> None:
    need = resolve_case(CASES / "whole").packages[0]
    assert (need.release, need.version, need.source.package, need.source.architecture) == (
        "shop",
        "shop-db",
        "db",
        "x86_64",
    )
