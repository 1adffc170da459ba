"""New versions of configs: checked with all others of their type as a plan does, and stored only if they pass."""

from dataclasses import replace
from pathlib import Path

import pytest

from director import errors
from director.app.sessions import environment_files
from director.app.sessions.config_home import ConfigHome
from director.app.use_cases import update_config as updating
from director.app.use_cases.update_config import ConfigUpdate
from director.errors import DeclinedError, InputError
from director.model.configs import ConfigType
from director.model.documents import Source
from tests.support.callers import calling
from tests.unit.director.app.config_homes import CLOUD, LAB, open_home, update


@pytest.fixture
def home(tmp_path: Path) -> ConfigHome:
    return open_home(tmp_path)


def _refusal(home: ConfigHome, type_: ConfigType, text: str, *, name: str = "default") -> list[tuple[str, str]]:
    before = home.records.list_configs(LAB)
    with pytest.raises(InputError) as caught:
        update(home, type_, text, name=name)
    assert home.records.list_configs(LAB) == before, "a refused config is not stored"
    return [(problem.code, problem.where) for problem in errors.each_problem(caught.value)]


def test_the_newest_version_is_the_current_one(home: ConfigHome) -> None:
    first = update(home, ConfigType.CLOUD, CLOUD)
    second = update(home, ConfigType.CLOUD, CLOUD.replace("workers: 1", "workers: 2"))
    assert (first.config.number, second.config.number, second.is_new) == (1, 2, True)
    assert [str(line) for line in second.diff] == ["  compilation:", "-   workers: 1", "+   workers: 2"]
    assert home.kept().current == (second.config,)


def test_the_same_content_is_not_stored_again(home: ConfigHome) -> None:
    first = update(home, ConfigType.CLOUD, CLOUD)
    again = update(home, ConfigType.CLOUD, CLOUD)
    assert (again.is_new, again.config) == (False, first.config)


def test_a_no_to_what_differs_stores_nothing(home: ConfigHome) -> None:
    def decline(_: object) -> None:
        raise DeclinedError("declined", "No.")

    request = ConfigUpdate(
        type=ConfigType.CLOUD,
        name="default",
        document=Source(name="c.yml", content=CLOUD.encode()),
        caller=calling("update"),
    )
    with pytest.raises(DeclinedError):
        updating.update_config(home, request, decline)
    assert home.kept().current == ()


def test_a_version_stored_while_a_person_is_asked_is_not_replaced_unseen(home: ConfigHome) -> None:
    def overtake(_: object) -> None:
        update(home, ConfigType.CLOUD, CLOUD)

    request = ConfigUpdate(
        type=ConfigType.CLOUD,
        name="default",
        document=Source(name="c.yml", content=f"{CLOUD}disk_types: []\n".encode()),
        caller=calling("update"),
    )
    with pytest.raises(InputError) as caught:
        updating.update_config(home, request, overtake)
    assert caught.value.code == "config-moved"
    assert [config.content for config in home.kept().current] == [CLOUD]


def test_what_is_wrong_across_cloud_configs_is_reported_at_once_with_both_places(home: ConfigHome) -> None:
    update(home, ConfigType.CLOUD, CLOUD)
    text = "azs: [{name: z1}]\nvm_types: [{name: small}]\ncompilation: {workers: 1, network: default}\n"
    with pytest.raises(InputError) as caught:
        update(home, ConfigType.CLOUD, text, name="more")
    found = errors.each_problem(caught.value)
    assert [(problem.code, problem.where) for problem in found] == [
        ("config-key-twice", "given.yml:3:1"),
        ("duplicate-name", "given.yml:1:8"),
        ("duplicate-name", "given.yml:2:13"),
    ]
    assert "cloud-config/default:4:1" in found[0].why
    assert "cloud-config/default:1:8" in found[1].why


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("az: z1,", "az: z9,", "unknown-az"),
        ("vm_type: small}", "vm_type: smal}", "unknown-vm-type"),
        ("network: default,", "network: other,", "unknown-network"),
        ("gateway: 10.0.0.1", "gateway: 10.9.0.1", "bad-gateway"),
        ("workers: 1", "workers: many", "wrong-type"),
        ("azs: [{name: z1}]", "azs: [{name: z1, cpi: far}]", "unknown-named-cloud"),
    ],
)
def test_a_plan_would_refuse_the_same(home: ConfigHome, old: str, new: str, code: str) -> None:
    assert old in CLOUD
    assert code in [found for found, _ in _refusal(home, ConfigType.CLOUD, CLOUD.replace(old, new))]


def test_only_all_cloud_configs_together_must_be_complete(home: ConfigHome) -> None:
    azs, rest = CLOUD.splitlines()[0], "\n".join(CLOUD.splitlines()[1:])
    first = update(home, ConfigType.CLOUD, f"{azs}\n", name="azs")
    assert [remark.code for remark in first.remarks] == ["cloud-config-incomplete"]
    assert update(home, ConfigType.CLOUD, f"{rest}\n").remarks == ()


def test_sections_that_another_config_will_bring_are_remarks(home: ConfigHome) -> None:
    text = "".join(CLOUD.splitlines(keepends=True)[1:]).replace("vm_types: [{name: small}]\n", "")
    stored = update(home, ConfigType.CLOUD, text)
    assert [remark.text.split(" yet")[0] for remark in stored.remarks] == [
        "No cloud config has azs",
        "No cloud config has vm_types",
    ]
    assert _refusal(home, ConfigType.CLOUD, "azs: [{name: z9}]\n", name="more")
    assert update(home, ConfigType.CLOUD, "azs: [{name: z1}]\nvm_types: [{name: small}]\n", name="more").remarks == ()


def test_the_place_of_an_open_variable_is_not_judged(home: ConfigHome) -> None:
    text = (
        CLOUD.replace("10.0.0.0/16", "((range))")
        .replace("10.0.0.1", "((gateway))")
        .replace("default, az", "((net)), az")
    )
    stored = update(home, ConfigType.CLOUD, text)
    assert {remark.code for remark in stored.remarks} == {"config-variable-open"}


def test_variables_are_filled_in_or_named_in_a_remark(home: ConfigHome) -> None:
    text = CLOUD.replace("name: small}]", "name: small, cloud_properties: {type: ((type)), key: ((key))}}]")
    stored = update(home, ConfigType.CLOUD, text, type="big")
    assert [(remark.code, "'key'" in remark.text) for remark in stored.remarks] == [("config-variable-open", True)]
    assert "type: big" in stored.config.content
    assert "((key))" in stored.config.content


@pytest.mark.parametrize("text", ["- a\n", "word\n", ""])
def test_a_config_is_a_map(home: ConfigHome, text: str) -> None:
    assert [code for code, _ in _refusal(home, ConfigType.RESURRECTION, text)] == ["config-not-a-map"]


def test_mistakes_of_runtime_configs_are_reported_together(home: ConfigHome) -> None:
    text = "releases: [{name: t, version: latest}]\naddons: [{name: a, jobs: [{name: j, release: x}]}]\ntag: {}\n"
    assert [code for code, _ in _refusal(home, ConfigType.RUNTIME, text)] == ["unknown-key"]
    text = text.replace("tag: {}\n", "")
    assert [code for code, _ in _refusal(home, ConfigType.RUNTIME, text)] == [
        "addon-release-missing",
        "runtime-release-version",
    ]


def test_an_addon_for_another_deployment_is_checked_too(home: ConfigHome) -> None:
    text = "addons: [{name: a, include: {deployments: [other]}, jobs: [{name: j, release: x}]}]\n"
    assert _refusal(home, ConfigType.RUNTIME, text) == [("addon-release-missing", "given.yml:1:70")]


@pytest.mark.parametrize(
    ("release", "codes"),
    [
        ("{name: x, version: '1'}", ["runtime-release-missing"]),
        ("{name: x, version: '1', url: 'https://a.example/x.tgz'}", []),
    ],
)
def test_a_release_that_is_nowhere_is_a_remark_at_once(home: ConfigHome, release: str, codes: list[str]) -> None:
    text = f"releases: [{release}]\naddons: [{{name: a, jobs: [{{name: j, release: x}}]}}]\n"
    remarks = update(home, ConfigType.RUNTIME, text).remarks
    assert [(one.code, one.where) for one in remarks] == [(code, "given.yml:1:12") for code in codes]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("mirror", None),
        ("other", "are refused until it is"),
        ("https://r.example/{name}?v={version}", "look for it at https://r.example/x?v=1."),
    ],
)
def test_sources_of_releases_do_not_hide_a_missing_release(tmp_path: Path, source: str, words: str | None) -> None:
    home = open_home(tmp_path, f"name: lab\nrelease_sources: ['{source}']\n")
    mirror = Path(environment_files.read_written(home.files, home.settings).folder) / "mirror"
    mirror.mkdir(parents=True)
    (mirror / "x-1.tgz").write_bytes(b"")
    text = "releases: [{name: x, version: '1'}]\naddons: [{name: a, jobs: [{name: j, release: x}]}]\n"
    remarks = update(home, ConfigType.RUNTIME, text).remarks
    assert [one.code for one in remarks] == ([] if words is None else ["runtime-release-missing"])
    assert all(words and words in one.text for one in remarks)


def test_tags_are_in_one_runtime_config_only(home: ConfigHome) -> None:
    update(home, ConfigType.RUNTIME, "tags: {a: b}\n")
    assert [code for code, _ in _refusal(home, ConfigType.RUNTIME, "tags: {c: d}\n", name="more")] == [
        "runtime-tags-twice"
    ]


def test_cpis_of_several_configs_have_names_of_their_own(tmp_path: Path) -> None:
    home = open_home(tmp_path, "name: lab\n")
    update(home, ConfigType.CPI, "cpis: [{name: near, type: memory}]\n")
    assert _refusal(home, ConfigType.CPI, "cpis: [{name: near, type: local}]\n", name="more") == [
        ("cpi-config-names", "given.yml:1:8")
    ]


def test_what_a_plugin_refuses_is_not_stored(tmp_path: Path) -> None:
    def refuse(_: object) -> None:
        raise InputError("unknown-cloud", "No.")

    home = replace(open_home(tmp_path, "name: lab\n"), connect=refuse)
    assert [code for code, _ in _refusal(home, ConfigType.CPI, "cpis: [{name: near, type: locl}]\n")] == [
        "unknown-cloud"
    ]


def test_an_environment_of_one_cloud_has_no_cpis_beside_it(home: ConfigHome) -> None:
    (code,) = _refusal(home, ConfigType.CPI, "cpis: [{name: near, type: memory}]\n")
    assert code[0] == "environment-clouds-twice"


@pytest.mark.parametrize(
    ("type_", "text", "codes"),
    [
        (ConfigType.RESURRECTION, "rules: []\n", []),
        (ConfigType.RESURRECTION, "rules: [{include: ~, exclude: {deployments: ~}}]\n", []),
        (ConfigType.RESURRECTION, "rules: [{enabled: false, include: {deployments: [a], instance_groups: [b]}}]\n", []),
        (
            ConfigType.RESURRECTION,
            "rules: [{enabled: true, exclude: {deployments: [((d))]}, team: x}]\n",
            ["key-ignored"],
        ),
        (ConfigType.DEPLOY, "flags: [fix, recreate]\ninclude: [a]\n", []),
        (ConfigType.DEPLOY, "flags: []\nwhen: night\n", ["key-ignored"]),
    ],
)
def test_a_config_that_nothing_reads_is_kept_with_a_remark(
    home: ConfigHome, type_: ConfigType, text: str, codes: list[str]
) -> None:
    found = [remark.code for remark in update(home, type_, text).remarks if remark.code != "config-variable-open"]
    assert found == [*codes, "config-unused"]


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        (ConfigType.RESURRECTION, "rule: []\n", [("unknown-key", "given.yml:1:1")]),
        (ConfigType.RESURRECTION, "{}\n", [("missing-key", "given.yml:1:1")]),
        (ConfigType.RESURRECTION, "rules: [{enabled: 'no'}]\n", [("wrong-type", "given.yml:1:10")]),
        (
            ConfigType.RESURRECTION,
            "rules: [{enabled: no, include: {deployment: [a]}}]\n",
            [("unknown-key", "given.yml:1:33")],
        ),
        (ConfigType.DEPLOY, "flags: fix\n", [("wrong-type", "given.yml:1:1")]),
    ],
)
def test_a_mistake_in_a_config_that_nothing_reads_is_refused(
    home: ConfigHome, type_: ConfigType, text: str, expected: list[tuple[str, str]]
) -> None:
    assert _refusal(home, type_, text) == expected


def test_a_cpi_config_without_cpis_is_as_none(home: ConfigHome) -> None:
    """BOSH's director then uses its own CPI; here it is the cloud of the environment's file."""
    assert update(home, ConfigType.CPI, "cpis: []\n").is_new
    read = environment_files.read_environment_file(home.files, home.settings, home.kept())
    assert [choice.plugin for choice in environment_files.cloud_choices(read.file)] == ["memory"]


def test_a_config_that_the_environments_file_names_is_not_stored_under_its_name(tmp_path: Path) -> None:
    home = open_home(tmp_path, "name: lab\ncloud: memory\ncloud_config: ../cloud.yml\n")
    (tmp_path / "cloud.yml").write_text(CLOUD)
    assert [code for code, _ in _refusal(home, ConfigType.CLOUD, CLOUD)] == ["config-twice"]
    assert update(home, ConfigType.CLOUD, "vm_types: [{name: large}]\n", name="more").is_new
