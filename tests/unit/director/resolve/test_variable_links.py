"""Certificates with the DNS names of links."""

from typing import Any

import pytest
import yaml

from director.resolve.front import resolve_desired
from tests.unit.director.resolve.case_files import CASES
from tests.unit.director.resolve.test_written_keys import codes_of, request_of

_MANIFEST: Any = yaml.safe_load((CASES / "base" / "manifest.yml").read_text())
_CONFIG: Any = yaml.safe_load((CASES / "base" / "cloud-config.yml").read_text())


def _manifest(consumes: Any, *, kind: str = "certificate", features: Any = None, **options: Any) -> Any:
    own = {"name": "tls", "type": kind, "options": {"ca": "ca", **options}, "consumes": consumes}
    db, web = _MANIFEST["instance_groups"]
    named = {
        "custom_provider_definitions": [{"name": "db_address", "type": "address"}],
        "provides": {"db_address": {"as": "front"}},
    }
    db = {**db, "jobs": [{**db["jobs"][0], **named}]}
    return {
        **_MANIFEST,
        "instance_groups": [db, web],
        "variables": [*_MANIFEST["variables"], own],
        "features": features or {},
    }


def _options(manifest: Any) -> Any:
    desired = resolve_desired(request_of(manifest, _CONFIG))
    return next(each.options for each in desired.variables if each.name.endswith("/tls"))


@pytest.mark.parametrize(
    ("consumes", "names", "common"),
    [
        ({"alternative_name": {"from": "front"}}, ["a.b", "q-s0.db.default.store.bosh"], "x"),
        (
            {"alternative_name": {"from": "front", "properties": {"wildcard": True}}},
            ["a.b", "*.db.default.store.bosh"],
            "x",
        ),
        ({"alternative_name": {"from": "db", "link_type": "sql"}}, ["a.b", "q-s0.db.default.store.bosh"], "x"),
        ({"common_name": {"from": "front"}}, ["a.b"], "x"),
    ],
)
def test_a_certificate_has_the_names_of_the_links_that_it_consumes(consumes: Any, names: Any, common: str) -> None:
    options = _options(_manifest(consumes, alternative_names=["a.b"], common_name="x"))
    assert (list(options["alternative_names"]), options["common_name"]) == (names, common)


def test_a_common_name_is_that_of_the_link_where_none_is_written() -> None:
    written = {"common_name": {"from": "front", "properties": {"wildcard": True}}}
    assert _options(_manifest(written))["common_name"] == "*.db.default.store.bosh"


def test_short_names_are_in_certificates_too() -> None:
    features = {"use_dns_addresses": True, "use_short_dns_addresses": True}
    (name,) = _options(_manifest({"alternative_name": {"from": "front"}}, features=features))["alternative_names"]
    assert name.startswith("q-n")
    assert ".q-g" in name


@pytest.mark.parametrize(
    ("consumes", "kind", "code"),
    [
        ({"alternative_name": {"from": "none"}}, "certificate", "unknown-link"),
        ({"alternative_name": {}}, "certificate", "unknown-link"),
        ({"alternative_name": {"from": "front", "link_type": "other"}}, "certificate", "unknown-link"),
        ({"alternative_name": {"from": "front"}}, "password", "variable-links-misplaced"),
    ],
)
def test_what_is_wrong_with_the_links_of_a_variable_is_reported(consumes: Any, kind: str, code: str) -> None:
    manifest = _manifest(consumes, kind=kind)
    if kind == "password":
        manifest["variables"][-1]["options"] = {}
    assert codes_of(manifest, _CONFIG) == {code}
