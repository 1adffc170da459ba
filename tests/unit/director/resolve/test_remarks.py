"""Keys that BOSH silently ignores are remarks, with a fix."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from director.errors import InputError
from director.model.releases.release import UnusedKey
from director.resolve.front import resolve_desired
from tests.support import key_walk
from tests.unit.director.resolve.case_files import CASES, read_request
from tests.unit.director.resolve.test_written_keys import request_of

MANIFEST: Any = yaml.safe_load((CASES / "base" / "manifest.yml").read_text())
CLOUD_CONFIG: Any = yaml.safe_load((CASES / "base" / "cloud-config.yml").read_text())
_NOWHERE = "Addon 'bpm' is on no instance: its filters match no instance group."
_UNDECLARED = (
    "Job 'web' of instance group 'web' does not declare 'greetin' (did you mean 'greeting'?), 'other', so its "
    "templates cannot read them."
)
PROPERTIES = "instance_groups[].jobs[].properties"


def _remarks(path: str, value: object, cloud_config: Any = CLOUD_CONFIG) -> list[tuple[str, str]]:
    whole: Any = {**MANIFEST, "instance_groups": list(reversed(MANIFEST["instance_groups"]))}
    manifest = key_walk.put(key_walk.put(whole, PROPERTIES, {}), path, value)
    desired = resolve_desired(request_of(manifest, cloud_config))
    return [(one.code, one.text) for one in desired.remarks]


def test_a_property_the_job_does_not_declare_is_told_with_the_nearest_it_does() -> None:
    assert _remarks(PROPERTIES, {"greetin": "x", "other": {"deep": 1}}) == [
        (
            "property-undeclared",
            _UNDECLARED,
        )
    ]


def test_what_lies_below_a_declared_property_is_declared() -> None:
    assert _remarks(PROPERTIES, {"limits": {"anything": 1}, "greeting": None}) == []


def test_properties_of_the_whole_manifest_serve_other_jobs_too() -> None:
    assert _remarks("properties", {"greetin": "x"}) == []


def test_an_addon_for_a_system_that_no_stemcell_has_is_on_no_instance() -> None:
    addon = {"name": "bpm", "jobs": [{"name": "cron", "release": "shop"}]}
    include = {"stemcell": [{"os": "ubuntu-jammy"}, {"os": "ubuntu-noble"}]}
    assert _remarks("addons", [{**addon, "include": include}]) == [
        (
            "addon-without-instance",
            f"{_NOWHERE} It is for 'ubuntu-jammy' or 'ubuntu-noble', and the stemcells of the manifest are 'debian'.",
        )
    ]
    assert _remarks("addons", [addon]) == []
    assert [code for code, _ in _remarks("addons", [{**addon, "exclude": {}}])] == []
    nowhere = _remarks("addons", [{**addon, "include": {"azs": ["z9"]}}])
    assert nowhere == [("addon-without-instance", _NOWHERE)]


@pytest.mark.parametrize(
    "filters",
    [
        {"exclude": {"teams": ["ops"]}},
        {"exclude": {"instance_groups": [], "jobs": [], "stemcell": [], "networks": [], "azs": []}},
        {"include": {"instance_groups": [], "jobs": [], "stemcell": [], "networks": [], "azs": [], "deployments": []}},
        {"include": {"teams": ["ops"]}},
    ],
)
def test_a_filter_that_names_nothing_keeps_no_addon_away(filters: dict[str, object]) -> None:
    addon = {"name": "bpm", "jobs": [{"name": "cron", "release": "shop"}], **filters}
    assert {code for code, _ in _remarks("addons", [addon])} <= {"setting-unused"}


@pytest.mark.parametrize("name", ["vip\nnetwork", "\x1b[31m", " "])
def test_a_name_that_cannot_be_printed_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        _remarks("tags", {}, {**CLOUD_CONFIG, "vm_types": [*CLOUD_CONFIG["vm_types"], {"name": name}]})
    assert (caught.value.code, caught.value.where) == ("bad-name", "cloud-config.yml:49:3")


def test_an_az_that_a_group_names_twice_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        _remarks("instance_groups[].azs", ["z1", "z2", "z1"])
    assert (caught.value.code, caught.value.what) == ("az-twice", "Instance group 'web' names AZ 'z1' twice.")


def test_keys_of_a_release_that_mean_nothing_are_one_remark_where_the_manifest_names_it() -> None:
    request = read_request(CASES / "whole")
    used = request.releases["shop"]
    mistyped = UnusedKey(key="defalt", where="rel/jobs/web/spec:3:1", near="default")
    keys = (mistyped, UnusedKey(key="x", where="rel/y:1:1"))
    release = replace(used.release, unused_keys=keys * 3)
    reported = resolve_desired(replace(request, releases={"shop": replace(used, release=release)})).remarks
    (remark,) = (each for each in reported if each.code == "release-key-unused")
    assert remark.where == used.reference.where
    assert "'defalt' (rel/jobs/web/spec:3:1; did you mean 'default'?), 'x' (rel/y:1:1)" in remark.text
    assert "and 1 more" in remark.text
