"""The order of a bundle's deployments, and its releases against those of the manifests."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import yaml

from director import errors
from director.errors import InputError
from director.model.documents import Source, WrittenDocument
from director.model.written.bundle import Bundle
from director.resolve import bundle_documents, bundle_stemcells, bundles
from director.text import front as texts


def _index(needs: Mapping[str, Sequence[str]], releases: Sequence[Mapping[str, str]] = ()) -> WrittenDocument[Bundle]:
    listed = [{"manifest": f"{name}.yml", "depends_on": list(each)} for name, each in needs.items()]
    tree = {"name": "b", "deployments": listed, "releases": list(releases)}
    return texts.read_bundle(texts.Reading(source=Source(name="index.yml", content=yaml.safe_dump(tree).encode())))


@pytest.mark.parametrize(
    ("needs", "ordered"),
    [
        ({"b": [], "a": []}, "ba"),
        ({"c": ["b"], "b": ["a"], "a": []}, "abc"),
        ({"a": ["c"], "b": [], "c": []}, "cab"),
        ({"d": ["b", "c"], "c": ["a"], "b": ["a"], "a": []}, "abcd"),
    ],
)
def test_each_deployment_comes_after_what_it_depends_on(needs: Mapping[str, Sequence[str]], ordered: str) -> None:
    names = list(needs)
    assert "".join(names[at] for at in bundles.order_deployments(_index(needs), names)) == ordered


@pytest.mark.parametrize(
    ("needs", "names", "code", "why"),
    [
        ({"a": ["b"], "b": ["a"]}, "ab", "bundle-cycle", "a -> b -> a."),
        ({"a": ["a"]}, "a", "bundle-cycle", "a -> a."),
        ({"a": [], "b": ["aa"]}, "ab", "unknown-deployment", "Known: 'a', 'b'."),
    ],
)
def test_an_order_that_cannot_be(needs: Mapping[str, Sequence[str]], names: str, code: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        bundles.order_deployments(_index(needs), list(names))
    assert (caught.value.code, caught.value.why, caught.value.where[:10]) == (code, why, "index.yml:")


def test_two_deployments_of_one_name_cannot_be_depended_on() -> None:
    with pytest.raises(InputError) as caught:
        bundles.order_deployments(_index({"a": [], "b": ["a"], "c": []}), ["a", "b", "a"])
    assert caught.value.code == "bundle-deployment-twice"
    assert bundles.order_deployments(_index({"a": [], "b": []}), ["a", "a"]) == (0, 1)


def test_a_release_of_the_index_is_one_of_the_manifests_and_stands_once() -> None:
    release = {"name": "redis", "version": "4.0", "url": "redis.tgz"}
    bundles.check_releases(_index({"a": []}, [release]), [("redis", "4.0")])
    with pytest.raises(InputError) as caught:
        bundles.check_releases(_index({"a": []}, [release, release]), [("redis", "4.1")])
    codes = [each.code for each in errors.each_problem(caught.value)]
    assert codes == ["bundle-release-unused", "bundle-release-twice", "bundle-release-unused"]


_SHA = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"manifest": "cf/cf.yaml"}, ["bundle-source-unused", "unknown-source-file"]),
        ({"cloud_ops": {"asw": ["ops.yml"]}}, ["unknown-cloud"]),
        ({"cloud_ops": {"exec:/cpi": ["cf/none.yml"]}}, ["unknown-source-file"]),
        ({"sources": [{"files": {"cf.yml": "sha256:12"}}]}, ["digest-unreadable"]),
        ({"sources": [{}, {}]}, ["bundle-source-twice"]),
        ({"sources": [{"url": "git+https://cf.example/x"}]}, ["bundle-source-unfit"]),
        ({"sources": [{"files": {"cf.yml": _SHA, "ops.yml": _SHA}}]}, ["bundle-source-unused"]),
    ],
)
def test_sources_and_the_paths_that_name_them(changes: Mapping[str, Any], codes: Sequence[str]) -> None:
    given = dict(changes)
    source = {"name": "cf", "version": "1", "url": "https://cf.example", "files": {"cf.yml": _SHA}}
    tree = {
        "name": "b",
        "sources": [{**source, **each} for each in given.pop("sources", [{}])],
        "deployments": [{"manifest": "cf/cf.yml", **given}],
    }
    index = texts.read_bundle(texts.Reading(source=Source(name="index.yml", content=yaml.safe_dump(tree).encode())))
    found: list[str] = []
    try:
        bundle_documents.check_sources(index, ["aws", "azure"])
    except InputError as error:
        found = sorted(each.code for each in errors.each_problem(error))
    assert found == codes


def test_stemcells_of_the_index_are_those_of_the_manifests_and_stand_once() -> None:
    own = {"name": "own-azure", "version": "1.2", "os": "own", "url": "own.tgz"}
    uses = [{"alias": "a", "os": "own", "version": "1.latest"}, {"alias": "b", "name": "named", "version": "3"}]
    listed = [own, own, {**own, "version": "2"}, {**own, "name": "named", "version": "3", "clouds": ["asw"]}]
    tree = {"name": "b", "deployments": [{"manifest": "m.yml"}], "stemcells": listed}
    index = texts.read_bundle(texts.Reading(source=Source(name="index.yml", content=yaml.safe_dump(tree).encode())))
    with pytest.raises(InputError) as caught:
        bundle_stemcells.check_stemcells(index, [{"stemcells": uses}], clouds=["aws"])
    codes = [each.code for each in errors.each_problem(caught.value)]
    assert codes == ["bundle-stemcell-twice", "bundle-stemcell-unused", "unknown-cloud"]


@pytest.mark.parametrize("path", ["../cf.yml", "/cf.yml", "a//b", ".git/config", "a/../b"])
def test_a_file_of_a_source_is_below_it(path: str) -> None:
    source = {"name": "cf", "version": "1", "url": "https://cf.example", "files": {path: _SHA}}
    tree = {"name": "b", "sources": [source], "deployments": [{"manifest": "m.yml"}]}
    with pytest.raises(InputError):
        texts.read_bundle(texts.Reading(source=Source(name="index.yml", content=yaml.safe_dump(tree).encode())))
