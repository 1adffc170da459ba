"""The JSON Schemas for editors say of documents what compleat says of them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from director.text import json_schemas

_ROOT = Path(__file__).parents[4]
_CORPUS = _ROOT.parent / "shared" / "corpus"
_SHIPPED = {
    "manifest": ["examples/hello/hello.yml", "jumpbox/jumpbox.yml", "platform/platform.yml"],
    "cloud-config": [f"cloud-configs/{cloud}.yml" for cloud in ("aws", "azure", "local", "openstack")],
    "environment": [f"environments/{cloud}.yml" for cloud in ("aws", "azure", "local", "openstack")],
    "bundle": ["platform/index.yml"],
}
_MANIFEST: dict[str, Any] = {
    "name": "app",
    "releases": [{"name": "one", "version": 1.5}],
    "stemcells": [{"alias": "default", "os": "linux", "version": "latest"}],
    "update": {"canaries": 1, "max_in_flight": "50%", "canary_watch_time": 1000, "update_watch_time": "1-2"},
    "instance_groups": [],
}


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json_schemas.schema_of(name))


def _complaints(name: str, document: object) -> list[str]:
    return [error.message for error in _validator(name).iter_errors(document)]


def _group(**changes: object) -> dict[str, Any]:
    group = {"name": "web", "instances": 1, "azs": ["z1"], "stemcell": "default", "vm_type": "small", "jobs": []}
    return {**_MANIFEST, "instance_groups": [{**group, "networks": [{"name": "default"}], **changes}]}


@pytest.mark.parametrize("name", json_schemas.DOCUMENTS)
def test_each_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(json_schemas.schema_of(name))


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, paths in _SHIPPED.items() for path in paths])
def test_documents_that_ship_with_compleat_fit(name: str, path: str) -> None:
    assert _complaints(name, yaml.safe_load((_ROOT / "manifests" / path).read_text())) == []


def test_a_variable_may_have_the_place_of_a_value_and_another_text_may_not() -> None:
    assert _complaints("manifest", _group(instances="((count))", jobs="((jobs))", azs=["((az))"])) == []
    assert _complaints("manifest", _group(instances="many")) != []
    assert _complaints("manifest", _group(jobs="none")) != []


def test_a_misspelt_key_and_a_missing_one_are_found() -> None:
    assert _complaints("manifest", _group(instance=1)) != []
    assert _complaints("manifest", {key: each for key, each in _MANIFEST.items() if key != "update"}) != []


@pytest.mark.skipif(not _CORPUS.is_dir(), reason="public documents are not here")
def test_public_manifests_fit_but_for_their_own_unknown_keys() -> None:
    found = list(_public_manifests())
    assert len(found) >= 30
    open_ones = {path.name: _complaints("manifest", document) for path, document in found}
    assert sorted(name for name, complaints in open_ones.items() if complaints) == _WITH_KEYS_THAT_BOSH_IGNORES


_WITH_KEYS_THAT_BOSH_IGNORES = ["app-autoscaler.yml", "concourse-base.yml"]
"""Which are remarks for compleat; an editor marks them."""


def _public_manifests() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Those of deployments: `create-env` has a form of its own."""
    for path in sorted(_CORPUS.glob("manifests/**/*.yml")):
        try:
            document = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            continue
        if isinstance(document, dict) and "instance_groups" in document and "cloud_provider" not in document:
            yield path, document
