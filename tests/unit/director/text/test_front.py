import pytest

from director.errors import InputError
from director.model.secret_ref import Property, SecretRef, SecretText
from director.model.written.environment_file import EnvironmentFile
from director.text import front
from director.text.front import Reading
from director.text.variables.bind import KnownNames
from tests.unit.director.text import texts

MANIFEST = """\
name: demo
releases:
- {name: r, version: 1.5}
stemcells:
- {alias: default, os: linux, version: latest}
update: {canaries: 1, max_in_flight: 50%, canary_watch_time: 1000, update_watch_time: 1000-2000}
instance_groups:
- name: web
  instances: 2
  azs: [z1]
  stemcell: default
  vm_type: ((size))
  networks: [{name: default}]
  jobs:
  - name: server
    release: r
    properties: {password: ((pw)), url: "http://u:((pw))@((host))/", port: 80}
    consumes: {db: {from: main}, cache: nil}
    provides: {web: {as: front, shared: true}}
variables:
- {name: pw, type: password}
"""
CLOUD_CONFIG = """\
azs: [{name: z1}]
networks: [{name: default, subnets: [{range: 10.0.0.0/24, gateway: 10.0.0.1, reserved: 10.0.0.2-10.0.0.9, azs: [z1]}]}]
vm_types: [{name: small}]
compilation: {workers: 1, network: default, az: z1}
"""
KNOWN = KnownNames(values={"size": "small", "host": "h"})


def reading(text: str, *ops: str, name: str = "m.yml") -> Reading:
    sources = tuple(texts.source(op, f"o{number}.yml") for number, op in enumerate(ops))
    return Reading(source=texts.source(text, name), ops=sources, known=KNOWN)


def problems(manifest: Reading, cloud_config: Reading | None = None) -> list[tuple[str, str, str]]:
    with pytest.raises(InputError) as caught:
        front.read_documents(manifest, cloud_config or reading(CLOUD_CONFIG, name="c.yml"))
    return texts.reported(caught.value)


def test_a_manifest_is_read_with_secrets_by_name() -> None:
    manifest = front.read_manifest(reading(MANIFEST))
    group = manifest.document.instance_groups[0]
    expected: dict[str, Property] = {
        "password": SecretRef(name="pw"),
        "url": SecretText(parts=("http://u:", SecretRef(name="pw"), "@h/")),
        "port": 80,
    }
    assert (group.vm_type, group.jobs[0].properties) == ("small", expected)
    assert manifest.where("instance_groups", 0, "networks", 0, "name") == "m.yml:13:15"


def test_a_number_may_stand_where_text_is_meant_and_the_word_nil_for_a_link() -> None:
    manifest = front.read_manifest(reading(MANIFEST)).document
    job = manifest.instance_groups[0].jobs[0]
    consumed = {name: link if isinstance(link, str) else link.from_ for name, link in job.consumes.items()}
    assert (manifest.releases[0].version, consumed) == ("1.5", {"db": "main", "cache": "nil"})


@pytest.mark.parametrize(("written", "version"), [("1.5", "1.5"), ("2.0", "2"), ("12", "12"), ("'2.0'", "2.0")])
def test_a_version_is_the_text_that_boshs_tools_would_send(written: str, version: str) -> None:
    manifest = front.read_manifest(reading(MANIFEST.replace("version: 1.5", f"version: {written}")))
    assert manifest.document.releases[0].version == version


def test_ops_are_applied_before_variables_and_their_places_are_kept() -> None:
    change = "- {type: replace, path: /instance_groups/name=web/networks/-, value: {name: ((host))}}"
    manifest = front.read_manifest(reading(MANIFEST, change))
    network = manifest.document.instance_groups[0].networks[1].name
    assert (network, manifest.where("instance_groups", 0, "networks", 1, "name")) == ("h", "o0.yml:1:71")


def test_the_manifests_text_has_secrets_as_placeholders_and_no_values_of_theirs() -> None:
    documents = front.read_documents(reading(MANIFEST), reading(CLOUD_CONFIG))
    assert "url: http://u:((pw))@h/" in documents.manifest_text
    assert documents.cloud_config.document.networks[0].subnets[0].reserved == ("10.0.0.2-10.0.0.9",)


def test_problems_of_both_documents_are_told_together_in_the_order_of_their_places() -> None:
    broken = MANIFEST.replace("instances: 2", "instnces: 2").replace("((host))", "((hst))").replace("[z1]", "z1")
    config = CLOUD_CONFIG.replace("workers: 1", "workers: 0").replace("compilation", "disk_typs: []\ncompilation")
    assert [(code, where) for code, _, where in problems(reading(broken), reading(config, name="c.yml"))] == [
        ("unresolved-variable", "m.yml:17:36"),
        ("unknown-key", "m.yml:9:3"),
        ("wrong-type", "m.yml:10:3"),
        ("unknown-key", "c.yml:4:1"),
        ("wrong-value", "c.yml:5:15"),
    ]


def test_keys_that_bosh_ignores_are_remarks_of_both_documents() -> None:
    manifest = f"{MANIFEST}\nmeta: {{ip: 10.0.0.1}}\n"
    config = CLOUD_CONFIG.replace("compilation", "anchors: [x]\ncompilation")
    documents = front.read_documents(reading(manifest), reading(config, name="c.yml"))
    assert [(each.code, each.text.split(",")[0]) for each in documents.remarks] == [
        ("key-ignored", "The document has the unknown key 'meta'"),
        ("key-ignored", "The document has the unknown key 'anchors'"),
    ]


def test_a_manifest_of_create_env_names_the_command_that_does_the_same() -> None:
    text = "name: bosh\nresource_pools: []\ncloud_provider: {mbus: x}\n"
    ((code, what, where),) = problems(reading(text))
    assert (code, where) == ("create-env-manifest", "m.yml:3:1")
    assert "bosh create-env" in what


def test_a_place_whose_variable_is_unknown_is_told_once() -> None:
    text = MANIFEST.replace("instances: 2", "instances: ((count))")
    assert [(code, where) for code, _, where in problems(reading(text))] == [("unresolved-variable", "m.yml:9:3")]


def test_broken_yaml_and_ops_of_all_files_are_told_together() -> None:
    found = problems(reading("a: [", "- {type: add, path: /a}", "a: 1"), reading("b: [", name="c.yml"))
    assert [(code, where) for code, _, where in found] == [
        ("yaml-broken", "m.yml:2:1"),
        ("ops-invalid", "o0.yml:1:3"),
        ("ops-file-shape", "o1.yml:1:1"),
        ("yaml-broken", "c.yml:2:1"),
    ]


def test_equal_keys_and_second_documents_are_remarks_of_all_documents() -> None:
    change = "- {type: remove, path: /tags?, path: /properties?}"
    documents = front.read_documents(
        reading(f"{MANIFEST}\ntags: {{a: b}}\ntags: {{c: d}}\n", change),
        reading(f"{CLOUD_CONFIG}\n---\nx: 1\n", name="c.yml"),
    )
    assert documents.manifest.document.tags == {"c": "d"}
    assert sorted((each.code, each.where.split(":")[0]) for each in documents.remarks) == [
        ("yaml-duplicate-key", "m.yml"),
        ("yaml-duplicate-key", "o0.yml"),
        ("yaml-second-document", "c.yml"),
    ]


def test_an_environment_file_is_read_strictly() -> None:
    with pytest.raises(InputError) as caught:
        front.read_environment_file(reading("name: a\ncloud: local\nname: b\n"))
    assert (caught.value.code, caught.value.where) == ("yaml-part-ignored", "m.yml:1:1")


def test_an_environment_file_has_sensible_defaults() -> None:
    read = front.read_environment_file(reading("name: local\ncloud: local\n"))
    assert read.document == EnvironmentFile(
        name="local", cloud="local", networks={"default": "10.0.0.0/16"}, public_names=("jumpbox",)
    )


def test_a_bundle_names_its_deployments_and_what_to_report() -> None:
    report = "report: {web: {deployment: p, instance_group: g, port: 1}}"
    text = f"name: p\ndeployments: [{{manifest: p.yml, errands: [smoke]}}]\n{report}"
    bundle = front.read_bundle(reading(text)).document
    assert [(one.manifest, one.errands) for one in bundle.deployments] == [("p.yml", ("smoke",))]
    assert (bundle.report["web"].port, bundle.report["web"].scheme) == (1, "https")


def test_a_key_of_an_operation_that_means_nothing_is_remarked_with_its_place() -> None:
    change = "- {type: remove, path: /tags?, note: x}"
    documents = front.read_documents(reading(MANIFEST, change), reading(CLOUD_CONFIG, name="c.yml"))
    assert [(one.code, one.where) for one in documents.remarks] == [("setting-unused", "o0.yml:1:3")]
    assert documents.remarks[0].text == (
        "`note` of operation [0] in o0.yml has no effect: a remove operation does not read it."
    )
