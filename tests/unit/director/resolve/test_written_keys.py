"""Accepted means acted on: every key of a manifest and of a cloud config changes something, is refused or remarked."""

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml

from director.errors import InputError
from director.model import as_data
from director.model.document_places import NO_PLACES
from director.model.documents import Source
from director.model.environments.desired import UpdateMode
from director.model.environments.vm_sizes import SizeThere, VmSize
from director.model.written.cloud_config import CloudConfig
from director.model.written.manifest import Manifest
from director.resolve.front import ResolveRequest, release_references, resolve_desired
from director.text.front import Reading, read_documents
from director.text.variables.bind import KnownNames
from tests.support import key_walk
from tests.support.key_walk import ABSENT, Acts, Saying, Says, ShownBy
from tests.unit.director.resolve.case_files import CASES, read_request

_HERE = "tests/unit/director/resolve/test_written_keys.py"
_BASE = read_request(CASES / "whole")
_MANIFEST: Any = yaml.safe_load((CASES / "base" / "manifest.yml").read_text())
_CLOUD_CONFIG: Any = yaml.safe_load((CASES / "base" / "cloud-config.yml").read_text())
_G, _J, _A = "instance_groups[]", "instance_groups[].jobs[]", "addons[]"
_WHOLE: Any = {
    **_MANIFEST,
    "instance_groups": list(reversed(_MANIFEST["instance_groups"])),
    "addons": [{"name": "all", "jobs": [{"name": "cron", "release": "shop"}]}],
}
"""The group `web`, which provides and consumes, comes first; an addon puts `cron` on every group."""

_SIZES = tuple(
    SizeThere(
        size=VmSize(cpu=cpu, ram_mib=ram, ephemeral_disk_mib=disk), cloud_properties={"size": f"{cpu}-{ram}-{disk}"}
    )
    for cpu in (1, 2)
    for ram in (1, 2)
    for disk in (1, 2)
)

_LINK: Mapping[str, object] = {f"{_J}.consumes": {"store": {}}}
_HAND = {f"{_J}.consumes": {"store": {"instances": [{"address": "a"}], "address": "b"}}}
_SITE: Mapping[str, object] = {f"{_J}.provides": {"site": {}}}
_CUSTOM = {f"{_J}.custom_provider_definitions": [{"name": "own", "type": "t", "properties": []}]}
_SIZE = {"cpu": 1, "ram": 1, "ephemeral_disk_size": 1}
_SIZED = {f"{_G}.vm_type": ABSENT, f"{_G}.vm_resources": _SIZE}
_NO_ADDON = {"addons": ABSENT}


def _update(prefix: str) -> dict[str, Saying]:
    return {
        f"{prefix}.canaries": Acts(1, "20%"),
        f"{prefix}.max_in_flight": Acts(1, 2),
        f"{prefix}.canary_watch_time": Acts(1000, "1000-2000"),
        f"{prefix}.update_watch_time": Acts(1000, "1000-2000"),
        f"{prefix}.serial": Acts(True, False),
        f"{prefix}.vm_strategy": Acts("delete-create", "create-swap-delete"),
        f"{prefix}.initial_deploy_az_update_strategy": Acts("serial", "parallel"),
    }


def _release(prefix: str, under: Mapping[str, object]) -> dict[str, Saying]:
    os = {"os": "debian", "version": "12"}
    return {
        f"{prefix}.name": Says("shopp", "unknown-release", {f"{prefix}.version": "1", **under}),
        f"{prefix}.version": Acts("1", "2", under),
        f"{prefix}.url": Acts(ABSENT, "file://x", under),
        f"{prefix}.sha1": Acts(ABSENT, "sha256:0", under),
        f"{prefix}.stemcell": Says(os, "setting-unused", under),
        f"{prefix}.exported_from": Says([os], "setting-unused", under),
    }


def _filter(key: str) -> dict[str, Saying]:
    prefix = f"{_A}.{key}"
    return {
        f"{prefix}.deployments": Says(["x"], "addon-filter-unsupported"),
        f"{prefix}.instance_groups": Acts(["web"], ["db"]),
        f"{prefix}.jobs[].name": Acts("web", "db", {f"{prefix}.jobs[].release": "shop"}),
        f"{prefix}.jobs[].release": Acts("shop", "other", {f"{prefix}.jobs[].name": "web"}),
        f"{prefix}.stemcell[].os": Acts("debian", "ubuntu"),
        f"{prefix}.networks": Acts(["default"], ["public"]),
        f"{prefix}.teams": Says(["x"], "setting-unused"),
        f"{prefix}.azs": Acts(["z1"], ["z3"]),
        f"{prefix}.lifecycle": Acts("service", "errand"),
    }


_NAMED = "tests/unit/director/resolve/test_variable_links.py"
_LINK_NAMES = ShownBy(f"{_NAMED}::test_a_certificate_has_the_names_of_the_links_that_it_consumes")
_VARIABLES = "tests/unit/director/plan/acting/test_variables.py"
_ADDON_JOBS = ShownBy(f"{_HERE}::test_a_job_of_an_addon_is_read_as_one_of_a_group")
_IN_CASES = ShownBy("tests/unit/director/resolve/test_cases.py::test_documents_resolve_as_the_case_says")

MANIFEST: Mapping[str, Saying] = {
    "name": Acts("store", "shop"),
    **_release("releases[]", {}),
    **_release("release", {"releases": ABSENT, "release": {"name": "shop", "version": "1"}}),
    "stemcells[].alias": Says("other", "unknown-stemcell"),
    "stemcells[].version": Acts("12.1", "12.10"),
    "stemcells[].os": Acts("debian", "ubuntu"),
    "stemcells[].name": Acts("debian", "ubuntu", {"stemcells[].os": ABSENT}),
    **_update("update"),
    f"{_G}.name": Acts("web", "front"),
    f"{_G}.instances": Acts(1, 2),
    f"{_J}.name": Acts("cron", "db", {f"{_J}.properties": ABSENT, **_NO_ADDON}),
    f"{_J}.release": Says("other", "unknown-release"),
    f"{_J}.properties": Acts({"greeting": "a"}, {"greeting": "b"}),
    f"{_J}.provides{{}}.as": Acts(ABSENT, "place", _SITE),
    f"{_J}.provides{{}}.shared": Acts(False, True, _SITE),
    **{
        f"{_J}.provides{{}}.aliases[].{key}": Acts(one, other, {**_SITE, f"{_J}.provides{{}}.aliases[].domain": "a.b"})
        for key, one, other in (
            ("domain", "a.b", "a.c"),
            ("health_filter", ABSENT, "all"),
            ("initial_health_check", ABSENT, "synchronous"),
            ("placeholder_type", ABSENT, "uuid"),
        )
    },
    f"{_J}.consumes{{}}.from": _IN_CASES,
    f"{_J}.consumes{{}}.deployment": Says("x", "link-deployment-missing", _LINK),
    f"{_J}.consumes{{}}.network": Acts(ABSENT, "default", {f"{_J}.consumes": {"store": {"from": "db"}}}),
    f"{_J}.consumes{{}}.ip_addresses": Acts(ABSENT, False, {f"{_J}.consumes": {"store": {"from": "db"}}}),
    f"{_J}.consumes{{}}.instances[].address": Acts("a", "c", _HAND),
    **{
        f"{_J}.consumes{{}}.instances[].{key}": Acts(ABSENT, value, _HAND)
        for key, value in {"name": "x", "id": "x", "index": 1, "bootstrap": True, "az": "z1"}.items()
    },
    f"{_J}.consumes{{}}.properties": Acts({}, {"a": 1}, _HAND),
    f"{_J}.consumes{{}}.address": Acts("b", "c", _HAND),
    f"{_J}.custom_provider_definitions[].name": Acts("own", "other", _CUSTOM),
    f"{_J}.custom_provider_definitions[].type": Acts("t", "u", _CUSTOM),
    f"{_J}.custom_provider_definitions[].properties": ShownBy(f"{_HERE}::test_a_custom_provider_hands_over_properties"),
    f"{_G}.stemcell": Says("other", "unknown-stemcell"),
    f"{_G}.networks[].name": Says("other", "unknown-network"),
    f"{_G}.networks[].static_ips": Acts(["10.0.0.21", "10.0.0.22", "10.0.0.23"], ABSENT),
    f"{_G}.networks[].default": Acts(["dns", "gateway"], ["addressable"]),
    f"{_G}.networks[].nic_group": Acts(1, 2),
    f"{_G}.azs": Acts(["z1"], ["z2"]),
    f"{_G}.vm_type": Acts("small", "large"),
    f"{_G}.vm_resources.cpu": Acts(1, 2, _SIZED),
    f"{_G}.vm_resources.ram": Acts(1, 2, _SIZED),
    f"{_G}.vm_resources.ephemeral_disk_size": Acts(1, 2, _SIZED),
    f"{_G}.vm_extensions": Acts([], ["public"]),
    f"{_G}.persistent_disk": Acts(ABSENT, 5),
    f"{_G}.persistent_disk_type": Acts(ABSENT, "fast"),
    f"{_G}.persistent_disks[].name": Acts("a", "b", {f"{_G}.persistent_disks[].type": "fast"}),
    f"{_G}.persistent_disks[].type": Says("x", "unknown-disk-type", {f"{_G}.persistent_disks[].name": "a"}),
    f"{_G}.env": Acts({}, {"a": 1}),
    **_update(f"{_G}.update"),
    f"{_G}.migrated_from[].name": Acts("old", "older"),
    f"{_G}.migrated_from[].az": Says("z9", "bad-migration", {f"{_G}.migrated_from": [{"name": "old"}]}),
    f"{_G}.lifecycle": Acts("service", "errand"),
    f"{_G}.properties": Acts({"greeting": "a"}, {"greeting": "b"}, {f"{_J}.properties": ABSENT}),
    f"{_G}.tags": Acts({}, {"a": "b"}),
    f"{_A}.name": Says("all", "addon-without-instance", {f"{_A}.include": {"networks": ["none"]}, f"{_A}.name": "x"}),
    **{key: _ADDON_JOBS for key in key_walk.keys_of(Manifest) if key.startswith(f"{_A}.jobs[].")},
    **_filter("include"),
    **_filter("exclude"),
    f"{_A}.properties": _ADDON_JOBS,
    "variables[].name": _IN_CASES,
    "variables[].type": _IN_CASES,
    "variables[].options": _IN_CASES,
    "variables[].update_mode": ShownBy(f"{_VARIABLES}::test_an_update_mode_generates_what_is_there_again"),
    "variables[].update.strategy": ShownBy(f"{_VARIABLES}::test_a_kept_variable_is_generated_with_another_stemcell"),
    **{
        f"variables[].consumes.{name}.{key}": _LINK_NAMES
        for name in ("alternative_name", "common_name")
        for key in ("from", "link_type", "properties.wildcard")
    },
    "features.use_dns_addresses": Acts(False, True),
    "features.use_short_dns_addresses": Acts(False, True),
    "features.use_link_dns_names": Acts(False, True),
    "features.converge_variables": ShownBy(f"{_HERE}::test_variables_converge_where_the_feature_says_so"),
    "features.use_tmpfs_config": Acts(False, True),
    "features.randomize_az_placement": Says(True, "setting-unused"),
    "tags": Acts({}, {"a": "b"}),
    "properties": Acts({"greeting": "a"}, {"greeting": "b"}, {f"{_J}.properties": ABSENT}),
    "director_uuid": Says("x", "setting-unused"),
    "manifest_version": Says("x", "setting-unused"),
}

_N, _S = "networks[]", "networks[].subnets[]"
_SIZED_COMPILATION = {"compilation.vm_type": ABSENT, "compilation.vm_resources": _SIZE}
CLOUD_CONFIG: Mapping[str, Saying] = {
    "azs[].name": Says("z9", "unknown-az"),
    "azs[].cloud_properties": Acts({"zone": 1}, {"zone": 2}),
    "azs[].cpi": Says("x", "unknown-named-cloud"),
    f"{_N}.name": Says("other", "unknown-network"),
    f"{_N}.type": Says("dynamic", "static-ip-dynamic"),
    f"{_S}.range": Acts("10.0.0.0/24", "10.0.0.0/25"),
    f"{_S}.gateway": Acts("10.0.0.1", "10.0.0.40"),
    f"{_S}.dns": Acts([], ["10.0.0.2"]),
    f"{_S}.reserved": Acts([], ["10.0.0.5"]),
    f"{_S}.static": Acts(["10.0.0.20"], ["10.0.0.20 - 10.0.0.22"]),
    f"{_S}.az": Says("z2", "network-without-az", {f"{_S}.azs": ABSENT}),
    f"{_S}.azs": Acts(["z1", "z2"], ["z1", "z2", "z3"], {"azs": [{"name": "z1"}, {"name": "z2"}, {"name": "z3"}]}),
    f"{_S}.cloud_properties": Acts({}, {"a": 1}),
    f"{_S}.prefix": Acts(32, 30),
    f"{_S}.name": Says("x", "setting-unused"),
    f"{_S}.netmask_bits": Says(5, "setting-unused"),
    f"{_N}.dns": Says(["10.0.0.2"], "setting-unused"),
    f"{_N}.cloud_properties": Acts({}, {"a": 1}),
    f"{_N}.managed": Says(True, "managed-subnet-without-name"),
    "vm_types[].name": Says("x", "unknown-vm-type"),
    "vm_types[].cloud_properties": Acts({"cpu": 1}, {"cpu": 2}),
    "vm_extensions[].name": Says("x", "unknown-vm-extension"),
    "vm_extensions[].cloud_properties": Acts({"cpu": 1}, {"cpu": 2}),
    "disk_types[].name": Says("x", "unknown-disk-type"),
    "disk_types[].disk_size": Acts(1, 2),
    "disk_types[].cloud_properties": Acts({"a": 1}, {"a": 2}),
    "compilation.workers": Acts(1, 2),
    "compilation.network": Says("x", "unknown-network"),
    "compilation.az": Acts("z1", "z2"),
    "compilation.vm_type": Acts("small", "large"),
    "compilation.vm_resources.cpu": Acts(1, 2, _SIZED_COMPILATION),
    "compilation.vm_resources.ram": Acts(1, 2, _SIZED_COMPILATION),
    "compilation.vm_resources.ephemeral_disk_size": Acts(1, 2, _SIZED_COMPILATION),
    "compilation.cloud_properties": Acts({"a": 1}, {"a": 2}, {"compilation.vm_type": ABSENT}),
    "compilation.vm_extensions": Acts([], ["public"]),
    "compilation.reuse_compilation_vms": Says(False, "setting-unused"),
    "compilation.orphan_workers": Says(True, "setting-unused"),
    "compilation.env": Acts({}, {"a": 1}),
}


def request_of(manifest: Any, cloud_config: Any) -> ResolveRequest:
    return _read(_dump(manifest), _dump(cloud_config))


def _read(manifest: str, cloud_config: str) -> ResolveRequest:
    documents = read_documents(
        *(
            Reading(source=Source(name=name, content=text.encode()), known=KnownNames())
            for name, text in (("manifest.yml", manifest), ("cloud-config.yml", cloud_config))
        )
    )
    return replace(_BASE, manifest=documents.manifest, cloud_config=documents.cloud_config, sizes=_SIZES)


def _outcome(manifest: Any, cloud_config: Any) -> object:
    """The desired state and the requested releases, without places in documents and remarks."""
    return _outcome_of(_dump(manifest), _dump(cloud_config))


def _dump(tree: Any) -> str:
    text: str = yaml.dump(tree, Dumper=yaml.CSafeDumper)
    return text


@functools.cache
def _outcome_of(manifest: str, cloud_config: str) -> object:
    request = _read(manifest, cloud_config)
    data: Any = as_data.encode(replace(resolve_desired(request), remarks=(), places=NO_PLACES))
    asked: Any = [as_data.encode(one) for one in release_references(request.manifest, "")]
    return _without_places([data, asked])


def _without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_places(member) for key, member in value.items() if key not in ("where", "manifest")}
    return [_without_places(member) for member in value] if isinstance(value, list | tuple) else value


def codes_of(manifest: Any, cloud_config: Any) -> frozenset[str]:
    return _codes_of(_dump(manifest), _dump(cloud_config))


@functools.cache
def _codes_of(manifest: str, cloud_config: str) -> frozenset[str]:
    try:
        return frozenset(one.code for one in resolve_desired(_read(manifest, cloud_config)).remarks)
    except InputError as error:
        return frozenset(problem.code for problem in getattr(error, "problems", (error,)))


def test_no_key_of_a_manifest_is_silent() -> None:
    assert key_walk.silent_keys(Manifest, MANIFEST) == []


def test_no_key_of_a_cloud_config_is_silent() -> None:
    assert key_walk.silent_keys(CloudConfig, CLOUD_CONFIG) == []


@pytest.mark.parametrize("path", MANIFEST)
def test_a_key_of_a_manifest_does_what_is_said_of_it(path: str) -> None:
    assert not key_walk.wrong_with(
        path,
        MANIFEST[path],
        _WHOLE,
        outcome=lambda document: _outcome(document, _CLOUD_CONFIG),
        codes_of=lambda document: codes_of(document, _CLOUD_CONFIG),
    )


@pytest.mark.parametrize("path", CLOUD_CONFIG)
def test_a_key_of_a_cloud_config_does_what_is_said_of_it(path: str) -> None:
    assert not key_walk.wrong_with(
        path,
        CLOUD_CONFIG[path],
        _CLOUD_CONFIG,
        outcome=lambda document: _outcome(_WHOLE, document),
        codes_of=lambda document: codes_of(_WHOLE, document),
    )


def test_a_job_of_an_addon_is_read_as_one_of_a_group() -> None:
    job = {**_WHOLE["instance_groups"][0]["jobs"][0], "consumes": {"store": {"from": "db"}}}
    job["provides"] = {"site": {"as": "place"}}
    alone = key_walk.put({**_WHOLE, "addons": []}, f"{_G}.jobs", [job])
    added = {**key_walk.put(_WHOLE, f"{_G}.jobs", []), "addons": [{"name": "all", "jobs": [job]}]}
    added["addons"][0]["include"] = {"instance_groups": ["web"]}
    moved = {**added, "addons": [{**added["addons"][0], "jobs": [{**job}], "properties": job["properties"]}]}
    del moved["addons"][0]["jobs"][0]["properties"]
    assert _outcome(alone, _CLOUD_CONFIG) == _outcome(added, _CLOUD_CONFIG) == _outcome(moved, _CLOUD_CONFIG)
    defining = {**job, "custom_provider_definitions": [{"name": "own", "type": "t"}]}
    more = {**added, "addons": [{**added["addons"][0], "jobs": [defining]}]}
    assert _outcome(more, _CLOUD_CONFIG) == _outcome(added, _CLOUD_CONFIG)
    assert "setting-unused" in codes_of(more, _CLOUD_CONFIG)


@pytest.mark.parametrize(
    ("features", "own", "mode"),
    [
        ({}, {}, UpdateMode.NO_OVERWRITE),
        ({"converge_variables": True}, {}, UpdateMode.CONVERGE),
        ({"converge_variables": True}, {"update_mode": "overwrite"}, UpdateMode.OVERWRITE),
    ],
)
def test_variables_converge_where_the_feature_says_so(
    features: dict[str, object], own: dict[str, object], mode: UpdateMode
) -> None:
    variables = [{"name": "pw", "type": "password", **own}]
    manifest = {**_WHOLE, "features": features, "variables": [*_WHOLE["variables"], *variables]}
    desired = resolve_desired(request_of(manifest, _CLOUD_CONFIG))
    assert [each.update_mode for each in desired.variables if each.name.endswith("/pw")] == [mode]


def test_what_nothing_generates_needs_a_value_of_the_operators() -> None:
    given = [{"name": "url", "type": "value"}]
    with pytest.raises(InputError) as caught:
        resolve_desired(request_of({**_WHOLE, "variables": [*_WHOLE["variables"], *given]}, _CLOUD_CONFIG))
    assert (caught.value.code, "-v url=" in caught.value.fix) == ("variable-without-value", True)


def test_a_link_hands_over_what_the_manifest_has_below_an_undeclared_name() -> None:
    def handed(names: list[str], properties: object) -> object:
        own = {"name": "own", "type": "sql", "properties": names}
        provider = _WHOLE["instance_groups"][1]["jobs"][0]
        job = {**provider, "custom_provider_definitions": [own], "properties": properties}
        named = {**_WHOLE["instance_groups"][0]["jobs"][0], "consumes": {"store": {"from": "own"}}}
        groups = [{**_WHOLE["instance_groups"][0], "jobs": [named]}, {**_WHOLE["instance_groups"][1], "jobs": [job]}]
        desired = resolve_desired(request_of({**_WHOLE, "instance_groups": groups}, _CLOUD_CONFIG))
        return desired.groups[0].jobs[0].links[0].properties

    assert handed(["tls"], {"tls": {"certificate": "c", "extra": 1}}) == {"tls": {"certificate": "c", "extra": 1}}
    assert handed(["port"], {"port": None}) == {"port": None}
    with pytest.raises(InputError) as caught:
        handed(["tls"], {})
    assert caught.value.code == "link-property-undeclared"


def test_a_link_that_the_job_lacks_is_a_remark() -> None:
    job = {**_WHOLE["instance_groups"][0]["jobs"][0], "consumes": {"stoer": {"from": "db"}}, "provides": {"none": {}}}
    groups = [{**_WHOLE["instance_groups"][0], "jobs": [job]}, *_WHOLE["instance_groups"][1:]]
    desired = resolve_desired(request_of({**_WHOLE, "instance_groups": groups}, _CLOUD_CONFIG))
    reported = [each.text for each in desired.remarks if each.code == "link-name-unused"]
    assert [("Did you mean 'store'?" in text, "provides" in text) for text in reported] == [
        (False, True),
        (True, False),
    ]


def test_a_custom_provider_hands_over_properties() -> None:
    def consumed(properties: list[str]) -> object:
        own = {"name": "own", "type": "sql", "properties": properties}
        job = {**_WHOLE["instance_groups"][1]["jobs"][0], "custom_provider_definitions": [own]}
        named = {**_WHOLE["instance_groups"][0]["jobs"][0], "consumes": {"store": {"from": "own"}}}
        groups = [{**_WHOLE["instance_groups"][0], "jobs": [named]}, {**_WHOLE["instance_groups"][1], "jobs": [job]}]
        desired = resolve_desired(request_of({**_WHOLE, "instance_groups": groups}, _CLOUD_CONFIG))
        return desired.groups[0].jobs[0].links[0].properties

    assert (consumed([]), consumed(["port"])) == ({}, {"port": 5432})
