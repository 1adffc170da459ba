"""A package's key changes when its result could, and only then."""

from dataclasses import replace

import pytest

from cpi.contract.errors import ExplainedError
from director.errors import InputError, Problems
from director.model.environments.desired import Desired, StemcellOffer
from director.model.releases.release import ReleasePackage
from director.resolve.front import resolve_desired
from director.resolve.releases.packages import package_key
from tests.unit.director.resolve.case_files import CASES, read_request, resolve_case

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


def _compiled(compiled_for: str, *, exported_from: str = "") -> Desired:
    """The case `whole` with its release compiled."""
    request = read_request(CASES / "whole")
    used = request.releases["shop"]
    packages = tuple(replace(each, compiled_for=compiled_for) for each in used.release.packages)
    compiled = replace(used, release=replace(used.release, packages=packages))
    manifest = request.manifest.document
    if exported_from:
        os, _, version = exported_from.partition("/")
        uses = [{**use.model_dump(), "exported_from": ({"os": os, "version": version},)} for use in manifest.releases]
        kind = type(manifest.releases[0])
        manifest = manifest.model_copy(update={"releases": tuple(kind.model_validate(use) for use in uses)})
    return resolve_desired(
        replace(
            request,
            releases={**request.releases, "shop": compiled},
            manifest=replace(request.manifest, document=manifest),
        )
    )


def test_compiled_packages_are_used_on_the_os_that_they_were_compiled_for() -> None:
    plain = resolve_case(CASES / "whole").packages
    stemcell = plain[0].stemcell
    packages = _compiled(f"{stemcell.os}/{stemcell.version}").packages
    assert packages == tuple(replace(need, is_compiled=need.release == "shop") for need in plain)


@pytest.mark.parametrize(
    ("compiled_for", "exported_from", "code"),
    [
        ("ubuntu-noble/1.1", "", "compiled-for-another-stemcell"),
        ("{os}/77.1", "", "compiled-for-another-stemcell"),
        ("{os}/{version}", "{os}/77", "not-exported-from"),
    ],
)
def test_compiled_packages_of_another_stemcell_are_refused_once(
    compiled_for: str, exported_from: str, code: str
) -> None:
    stemcell = resolve_case(CASES / "whole").packages[0].stemcell
    words = {"os": stemcell.os, "version": stemcell.version}
    with pytest.raises((InputError, Problems)) as caught:
        _compiled(compiled_for.format(**words), exported_from=exported_from.format(**words))
    error = caught.value
    problems: tuple[ExplainedError, ...] = error.problems if isinstance(error, Problems) else (error,)
    assert [problem.code for problem in problems] == [code]
    assert compiled_for.format(**words) in problems[0].what
