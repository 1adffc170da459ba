"""Small rules of BOSH's director: what it takes is taken, and what it refuses is refused."""

import copy
from typing import Any

import pytest
import yaml

from director.errors import InputError, each_problem
from director.resolve.front import resolve_desired
from tests.unit.director.resolve.case_files import CASES
from tests.unit.director.resolve.test_written_keys import request_of

_MANIFEST: Any = yaml.safe_load((CASES / "base" / "manifest.yml").read_text())
_CLOUD_CONFIG: Any = yaml.safe_load((CASES / "base" / "cloud-config.yml").read_text())
_GROUP = "instance_groups.0"
_JOB = f"{_GROUP}.jobs.0"
_CA = {"name": "ca", "type": "certificate", "options": {"is_ca": True, "common_name": "ca"}}


def _put(tree: Any, path: str, value: object) -> None:
    *steps, last = (int(step) if step.isdecimal() else step for step in path.split("."))
    for step in steps:
        tree = tree.setdefault(step, {}) if isinstance(tree, dict) else tree[step]
    tree[last] = value


def _changed(path: str, value: object) -> tuple[Any, Any]:
    manifest, config = copy.deepcopy(_MANIFEST), copy.deepcopy(_CLOUD_CONFIG)
    _put(config if path.startswith("networks.") else manifest, path, value)
    return manifest, config


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("variables", [{"name": "pw", "type": "password", "options": None, "update_mode": None, "consumes": None}]),
        ("variables", [_CA, {"name": "c", "type": "certificate", "options": {"ca": "ca", "common_name": None}}]),
        ("variables", [{**_CA, "options": {"is_ca": True, "ca": None, "duration": None, "alternative_names": None}}]),
        ("networks.0.subnets.0.reserved", None),
        (f"{_GROUP}.networks.0.static_ips", None),
        ("tags", {"autoscaled": True, "team": 7}),
        (f"{_GROUP}.tags", {"spot": False}),
        ("features", {"use_dns_addresses": None, "randomize_az_placement": None}),
    ],
)
def test_what_bosh_takes_is_taken(path: str, value: object) -> None:
    resolve_desired(request_of(*_changed(path, value)))


@pytest.mark.parametrize(
    ("path", "value", "code", "words"),
    [
        (f"{_JOB}.provides", {"site": {"as": "s", "type": "http"}}, "unknown-key", "the release's spec says it"),
        (f"{_JOB}.consumes", {"db": {"from": "db", "name": "db"}}, "unknown-key", "the release's spec says it"),
        (f"{_JOB}.consumes", {"db": None}, "wrong-type", "a map or the word nil"),
        (f"{_JOB}.custom_provider_definitions", [{"name": "", "type": "t"}], "wrong-value", "not empty"),
        (f"{_GROUP}.state", "stopped", "unknown-key", "compleat stop"),
        ("variables", [{**_CA, "consumes": {"names": {"from": "x"}}}], "unknown-key", "alternative_name, common_name"),
        ("stemcells.0", {"alias": "default", "version": "latest"}, "unknown-stemcell", "neither `os` nor `name`"),
        (
            "stemcells.0",
            {"alias": "default", "os": "ubuntu-jammy", "version": ""},
            "unknown-stemcell",
            "empty `version`",
        ),
        (
            "stemcells.0",
            {"alias": "default", "os": "ubunto-jammy", "version": "1"},
            "unknown-stemcell",
            "'ubuntu-jammy'?",
        ),
        (f"{_GROUP}.tags", {"a": {"b": 1}}, "wrong-type", "must be text"),
    ],
)
def test_what_bosh_refuses_is_refused(path: str, value: object, code: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        resolve_desired(request_of(*_changed(path, value)))
    found = [f"{problem} {problem.why} {problem.fix}" for problem in each_problem(caught.value) if problem.code == code]
    assert any(words in text for text in found), [str(problem) for problem in each_problem(caught.value)]
