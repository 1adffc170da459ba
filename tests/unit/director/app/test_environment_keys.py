"""Every key of an environment's file and of a cpi-config has an effect, is refused with an error, or is a remark."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from director.app.sessions import environment_checks, environment_files
from director.app.sessions.environment_files import ReadFile
from director.app.sessions.settings import Settings
from director.edge.machine.library import Library
from director.errors import InputError
from director.model.ids import EnvironmentName
from director.model.written.cpi_config import CpiConfig
from director.model.written.environment_file import EnvironmentFile
from tests.support import key_walk
from tests.support.key_walk import ABSENT, Acts, Document, Saying, Says, ShownBy

_NAME = EnvironmentName("lab")
_FILE: Mapping[str, Any] = {"name": "lab", "cloud": "local"}
_CPIS: Mapping[str, Any] = {
    "cpis": [{"name": "near", "type": "local"}, {"name": "far", "type": "vsphere", "exec_path": "/opt/cpi"}]
}
_SEVERAL: Mapping[str, object] = {"cloud": ABSENT, "clouds": [{"name": "near", "plugin": "local"}]}
_OF_CPIS: Mapping[str, object] = {"cloud": ABSENT, "cpi_config": "cpis.yml"}
_UNUSED = "environment-key-unused"
_JUMPBOXES = "tests/unit/director/app/test_jumpboxes.py"
FILE: Mapping[str, Saying] = {
    "name": Says("other", _UNUSED),
    "cloud": Acts("local", "aws"),
    "properties": Acts({"region": "one"}, {"region": "other"}),
    "clouds[].name": Acts("near", "far", _SEVERAL),
    "clouds[].plugin": Acts("local", "aws", _SEVERAL),
    "clouds[].properties": Acts({"region": "one"}, {"region": "other"}, _SEVERAL),
    "clouds[].networks": Acts({"default": "10.0.0.0/16"}, {"default": "10.1.0.0/16"}, _SEVERAL),
    "clouds[].public_names": Acts(["one"], ["other"], _SEVERAL),
    "cpi_config": Acts("cpis.yml", "others.yml", {"cloud": ABSENT}),
    "stemcells": Acts({"far": {"os": "one"}}, {"far": {"os": "other"}}, _OF_CPIS),
    "landing{}.networks": Acts(
        {"default": "10.0.0.0/16"}, {"default": "10.1.0.0/16"}, {**_OF_CPIS, "landing": {"near": {}}}
    ),
    "landing{}.public_names": Acts(["one"], ["other"], {**_OF_CPIS, "landing": {"near": {}}}),
    "cloud_config": ShownBy(f"{_JUMPBOXES}::test_each_cloud_that_an_az_names_and_that_has_an_address_gets_a_group"),
    "release_sources": ShownBy(
        "tests/integration/edge/test_release_sources.py::test_a_release_is_taken_from_an_address_and_pinned"
    ),
    "runtime_configs": ShownBy(
        "tests/unit/director/app/test_runtime_configs.py::test_a_deployment_has_what_the_runtime_configs_add"
    ),
    "bpm": ShownBy(
        "tests/unit/director/app/test_guest_bpm.py::test_release_bpm_is_the_guests_unless_the_environment_wants_the_release"
    ),
    "networks": Acts({"default": "10.0.0.0/16"}, {"default": "10.1.0.0/16"}),
    "public_names": Acts(["one"], ["other"]),
    "jumpbox.access": Acts("public", "private"),
    **{
        f"jumpbox.{key}": ShownBy(f"{_JUMPBOXES}::test_the_jumpbox_is_where_the_environments_file_says")
        for key in ("network", "vip_network", "vm_type", "az")
    },
    "variables": Acts({"jumpbox_public_ip": "192.0.2.1"}, {"jumpbox_public_ip": "192.0.2.2"}),
    "tags": ShownBy("tests/e2e/test_bad_input.py::test_a_mistake_is_told_and_nothing_is_created"),
    "dns_domain": ShownBy(
        "tests/unit/director/app/test_runtime_configs.py::test_names_of_instances_end_with_the_domain_of_the_environment"
    ),
    "ends.at": ShownBy(
        "tests/unit/director/app/test_ends.py::test_an_end_of_the_file_counts_from_the_first_up_and_again_when_it_is_changed"
    ),
    "ends.clock": ShownBy(
        "tests/unit/director/app/test_ends.py::test_the_clock_is_what_the_option_says_else_the_file_else_as_before"
    ),
    "ssh_keys": ShownBy("tests/e2e/test_platform.py::test_a_key_of_the_environments_file_logs_in"),
    "preflight_limit_s": ShownBy(
        "tests/unit/director/app/test_preflight.py::test_a_cloud_that_is_known_to_be_slow_is_given_more_time"
    ),
}
CPI_CONFIG: Mapping[str, Saying] = {
    "cpis[].name": Acts("near", "other"),
    "cpis[].type": Acts("local", "aws"),
    "cpis[].exec_path": Acts(ABSENT, "/opt/other"),
    "cpis[].properties": Acts({"region": "one"}, {"region": "other"}),
    "cpis[].migrated_from": Says([{"name": "old"}], _UNUSED),
}


def _read(document: Document, cpis: Document = _CPIS) -> ReadFile:
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "environments"
        folder.mkdir()
        (folder / "lab.yml").write_text(yaml.safe_dump(document))
        (folder / "cpis.yml").write_text(yaml.safe_dump(cpis))
        (folder / "others.yml").write_text(yaml.safe_dump({"cpis": [{"name": "other", "type": "aws"}]}))
        return environment_files.read_environment_file(Library(Path(home)), Settings(home=home, environment=_NAME))


def _outcome(read: ReadFile) -> object:
    """The clouds, what each has for a landing zone, and where jumpboxes are."""
    choices = environment_files.cloud_choices(read.file)
    specs = [environment_files.landing_spec(read.file, one.name) for one in choices]
    return choices, specs, environment_files.jumpbox_addresses(read.file, {})


def _codes(document: Document, cpis: Document = _CPIS) -> set[str]:
    """What they are refused with, or remarked; an executable makes no landing zone."""
    try:
        read = _read(document, cpis)
    except InputError as error:
        return {one.code for one in getattr(error, "problems", (error,))}
    landing = {one.name: not one.plugin.startswith("exec:") for one in environment_files.cloud_choices(read.file)}
    found = [*environment_checks.remarks(read.file, _NAME, has_landing=landing)]
    return {one.code for one in (*found, *environment_checks.cpi_remarks(read.cpi_config))}


def test_no_key_of_an_environments_file_is_silent() -> None:
    assert key_walk.silent_keys(EnvironmentFile, FILE) == []


def test_no_key_of_a_cpi_config_is_silent() -> None:
    assert key_walk.silent_keys(CpiConfig, CPI_CONFIG) == []


@pytest.mark.parametrize("path", FILE)
def test_what_is_said_of_a_key_of_an_environments_file_is_so(path: str) -> None:
    assert not key_walk.wrong_with(
        path, FILE[path], _FILE, outcome=lambda document: _outcome(_read(document)), codes_of=_codes
    )


@pytest.mark.parametrize("path", CPI_CONFIG)
def test_what_is_said_of_a_key_of_a_cpi_config_is_so(path: str) -> None:
    file = {"name": "lab", "cpi_config": "cpis.yml"}
    assert not key_walk.wrong_with(
        path,
        CPI_CONFIG[path],
        _CPIS,
        outcome=lambda document: _outcome(_read(file, document)),
        codes_of=lambda document: _codes(file, document),
    )


_NEAR = {"name": "near", "plugin": "local"}
_FAR = {"name": "far", "plugin": "exec:/opt/cpi"}
_NETWORKS = {"default": "10.1.0.0/16"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"cloud": "local", "clouds": [_NEAR]}, "environment-clouds-twice"),
        ({"properties": {}, "clouds": [_NEAR]}, "environment-clouds-twice"),
        ({"properties": {}, "cpi_config": "cpis.yml"}, "environment-clouds-twice"),
        ({"clouds": [_NEAR], "cpi_config": "cpis.yml"}, "environment-clouds-twice"),
        ({"cloud": "local", "cpi_config": "cpis.yml"}, "environment-clouds-twice"),
        ({"cloud": "local", "stemcells": {"far": {"os": "x"}}}, "cpi-config-missing"),
        ({"cloud": "local", "landing": {"far": {"public_names": []}}}, "cpi-config-missing"),
        ({"cpi_config": "cpis.yml", "stemcells": {"near": {"os": "x"}}}, "cpi-stemcell-unused"),
        ({"cloud": "exec:/opt/cpi", "networks": _NETWORKS}, _UNUSED),
        ({"cloud": "exec:/opt/cpi", "public_names": ["one"]}, _UNUSED),
        ({"clouds": [_NEAR, {**_FAR, "networks": _NETWORKS}]}, _UNUSED),
        ({"clouds": [{**_NEAR, "networks": _NETWORKS}], "networks": _NETWORKS}, _UNUSED),
        ({"clouds": [{**_NEAR, "public_names": []}], "public_names": ["one"]}, _UNUSED),
    ],
)
def test_what_would_not_be_used_is_said(more: dict[str, Any], code: str) -> None:
    assert _codes({"name": "lab", **more}) == {code}


@pytest.mark.parametrize(
    "more",
    [
        {"cloud": "local", "networks": _NETWORKS, "public_names": []},
        {"clouds": [_NEAR, {**_FAR, "public_names": []}], "networks": _NETWORKS, "public_names": ["one"]},
        {"clouds": [{**_NEAR, "networks": _NETWORKS}, _FAR], "networks": _NETWORKS},
        {"cpi_config": "cpis.yml", "stemcells": {"far": {"os": "x"}}, "landing": {"near": {"networks": _NETWORKS}}},
    ],
)
def test_what_is_used_draws_no_word(more: dict[str, Any]) -> None:
    assert _codes({"name": "lab", **more}) == set()
