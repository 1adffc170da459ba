"""Runtime configs put into a manifest: which addons, which releases, and where mistakes are."""

from collections.abc import Sequence

import pytest

from director.errors import InputError
from director.text import front
from director.text.front import DeploymentDocuments
from tests.unit.director.text import texts
from tests.unit.director.text.test_front import CLOUD_CONFIG, MANIFEST, reading

CONFIG = """\
releases:
- {name: tools, version: '2'}
- {name: idle, version: '1'}
addons:
- name: agent
  jobs: [{name: agent, release: tools, properties: {token: ((token)), pw: ((pw))}}]
  include: {deployments: [DEPLOYMENT, other], lifecycle: service}
- name: far
  jobs: [{name: far, release: idle}]
  include: {deployments: [other]}
variables: [{name: token, type: password}]
tags: {team: ops}
"""


def _name() -> str:
    return front.read_manifest(reading(MANIFEST)).document.name


def _read(*configs: str) -> DeploymentDocuments:
    runtime = [
        reading(text.replace("DEPLOYMENT", _name()), name=f"r{number}.yml") for number, text in enumerate(configs)
    ]
    return front.read_documents(reading(MANIFEST), reading(CLOUD_CONFIG, name="c.yml"), runtime_configs=runtime)


def _problems(*configs: str) -> Sequence[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        _read(*configs)
    return [(code, where) for code, _, where in texts.reported(caught.value)]


def test_a_deployment_gets_its_addons_with_their_releases_variables_and_tags() -> None:
    plain = front.read_manifest(reading(MANIFEST)).document
    merged = _read(CONFIG).manifest.document
    assert [addon.name for addon in merged.addons] == [*(addon.name for addon in plain.addons), "agent"]
    (agent,) = merged.addons[len(plain.addons) :]
    assert agent.include
    assert (agent.include.deployments, agent.include.lifecycle) == (None, "service")
    assert [release.name for release in merged.releases] == [*(one.name for one in plain.releases), "tools"]
    assert "token" in [variable.name for variable in merged.variables]
    assert merged.tags["team"] == "ops"


def test_the_manifest_that_is_saved_has_what_was_added() -> None:
    assert "name: agent" in _read(CONFIG).manifest_text
    assert "name: far" not in _read(CONFIG).manifest_text


def test_what_was_added_keeps_its_place() -> None:
    documents = _read(CONFIG)
    index = len(documents.manifest.document.addons) - 1
    assert documents.manifest.where("addons", index, "jobs", 0, "release").startswith("r0.yml:6:")


@pytest.mark.parametrize(
    ("filters", "is_kept"),
    [
        ("{}", True),
        ("{include: {deployments: [DEPLOYMENT]}}", True),
        ("{include: {deployments: [x]}}", False),
        ("{include: {teams: [x]}}", False),
        ("{exclude: {deployments: [DEPLOYMENT]}}", False),
        ("{exclude: {deployments: [x]}}", True),
        ("{exclude: {deployments: [DEPLOYMENT], lifecycle: errand}}", True),
        ("{exclude: {teams: [x]}}", True),
        ("{exclude: {teams: [x], deployments: [DEPLOYMENT]}}", True),
    ],
)
def test_filters_by_deployment_are_answered_once(filters: str, is_kept: bool) -> None:
    addon = f"{{name: one, jobs: [{{name: j, release: tools}}], {filters[1:-1]}}}"
    merged = _read(f"releases: [{{name: tools, version: '1'}}]\naddons: [{addon}]\n").manifest.document
    assert ("one" in [each.name for each in merged.addons]) == is_kept
    left = [chosen for each in merged.addons for chosen in (each.include, each.exclude) if chosen]
    assert all(not (chosen.deployments or chosen.teams) for chosen in left)


def test_mistakes_of_all_configs_are_reported_together_with_their_places() -> None:
    first = "releases: [{name: tools, version: latest}]\naddons: [{name: a, jobs: [{name: j, release: none}]}]\n"
    second = (
        "releases: [{name: tools, version: '1', url: ../x}]\naddons: [{name: b, jobs: [{name: j, release: tools}]}]\n"
    )
    assert _problems(f"{first}tags: {{a: b}}\n", f"{second}tags: {{c: d}}\n") == [
        ("addon-release-missing", "r0.yml:2:37"),
        ("runtime-release-version", "r0.yml:1:26"),
        ("runtime-release-path", "r1.yml:1:40"),
        ("runtime-tags-twice", "r1.yml:3:1"),
    ]


def test_a_broken_config_is_reported_once() -> None:
    assert [code for code, _ in _problems("addons: [")] == ["yaml-broken"]


def test_another_version_than_the_manifests_is_refused() -> None:
    (release, *_) = front.read_manifest(reading(MANIFEST)).document.releases
    config = f"releases: [{{name: {release.name}, version: other}}]\n"
    addon = f"addons: [{{name: a, jobs: [{{name: j, release: {release.name}}}]}}]\n"
    assert _problems(config + addon) == [("runtime-release-conflict", "r0.yml:1:22")]


BOSH = MANIFEST.replace("os: linux", "os: ubuntu-jammy")


@pytest.mark.parametrize(
    ("filters", "is_there"),
    [
        ("{include: {stemcell: [{os: ubuntu-noble}, {os: ubuntu-jammy}]}}", True),
        ("{include: {stemcell: [{os: windows2019}]}}", False),
        ("{exclude: {stemcell: [{os: ubuntu-jammy}]}}", False),
        ("{include: {jobs: [{name: server, release: r}]}, exclude: {lifecycle: errand}}", True),
        ("{include: {jobs: [{name: early, release: none}]}}", True),
        ("{include: {jobs: [{name: server, release: other}]}}", False),
        ("{include: {networks: [private]}}", False),
        ("{include: {azs: [z1]}, exclude: {instance_groups: [web]}}", False),
        ("{exclude: {deployments: [other]}}", True),
    ],
)
def test_a_release_whose_addons_are_for_no_group_is_not_needed(filters: str, is_there: bool) -> None:
    """As in BOSH: an addon for Windows does not make a deployment of Linux fetch its release."""
    early = "{name: early, jobs: [{name: early, release: none}], include: {networks: [default]}}"
    config = (
        "releases: [{name: tools, version: '1', url: https://bosh.example/tools}, {name: none, version: '1'}]\n"
        f"addons: [{early}, {{name: one, jobs: [{{name: j, release: tools}}], {filters[1:-1]}}}]\n"
    )
    merged = front.read_documents(
        reading(BOSH), reading(CLOUD_CONFIG, name="c.yml"), runtime_configs=[reading(config, name="r.yml")]
    ).manifest.document
    assert ("tools" in [release.name for release in merged.releases]) == is_there


def test_a_release_may_be_needed_while_the_stemcells_system_is_not_known() -> None:
    """`os: linux` is the environment's own."""
    config = (
        "releases: [{name: tools, version: '1'}]\n"
        "addons: [{name: a, jobs: [{name: j, release: tools}], include: {stemcell: [{os: debian}]}}]\n"
    )
    assert "tools" in [release.name for release in _read(config).manifest.document.releases]


@pytest.mark.parametrize(
    ("written", "uploaded", "is_refused"),
    [
        ("latest", ["2", "1"], False),
        ("latest", ["2", "3"], True),
        ("2.latest", ["2", "3"], False),
        ("1.latest", [], True),
        ("latest", [], False),
        ("2.0", ["2"], False),
        ("1", ["2"], True),
    ],
)
def test_a_version_of_the_manifest_is_the_one_that_it_means(
    written: str, uploaded: list[str], is_refused: bool
) -> None:
    manifest = reading(MANIFEST.replace("version: 1.5", f"version: {written}"))
    config = reading(
        "releases: [{name: r, version: 2}]\naddons: [{name: a, jobs: [{name: j, release: r}]}]\n", name="r.yml"
    )
    looked = front.look_at_documents(
        manifest, reading(CLOUD_CONFIG, name="c.yml"), runtime_configs=[config], uploaded={"r": uploaded}
    )
    codes = [getattr(problem, "code", "") for problem in looked.problems]
    assert codes == (["runtime-release-conflict"] if is_refused else [])
