import pytest

from director.errors import InputError
from director.model.documents import Document
from director.model.secret_ref import SecretRef
from director.model.written.cloud_config import CloudConfig
from director.model.written.kinds import Piece
from director.model.written.manifest import InstanceGroup, Manifest
from director.text import validate
from tests.unit.director.text import texts

GROUP = "name: web\ninstances: 1\njobs: []\nstemcell: s\nnetworks: [{name: a}]\n"


def faults(text: str, model: type[Piece] = InstanceGroup) -> tuple[InputError, ...]:
    return validate.check_document(texts.document(text), model).problems


def only(text: str, model: type[Piece] = InstanceGroup) -> tuple[str, str, str, str]:
    (fault,) = faults(text, model)
    return fault.code, fault.what, fault.why, fault.where


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("azs: z1", ("wrong-type", "'/azs' must be a list.", "It is 'z1'.", "m.yml:6:1")),
        ("update: []", ("wrong-type", "'/update' must be a map.", "It is a list.", "m.yml:6:1")),
        ("env: 1", ("wrong-type", "'/env' must be a map.", "It is 1.", "m.yml:6:1")),
        ("vm_type: true", ("wrong-type", "'/vm_type' must be text.", "It is true.", "m.yml:6:1")),
        (
            "update: {canaries: []}",
            ("wrong-type", "'/update/canaries' must be text or a whole number.", "It is a list.", "m.yml:6:10"),
        ),
        (
            "update: {serial: 'yes'}",
            ("wrong-type", "'/update/serial' must be true or false.", "It is 'yes'.", "m.yml:6:10"),
        ),
        (
            "instances: 1000000000",
            ("wrong-value", "'/instances' must be at most 100000.", "It is 1000000000.", "m.yml:6:1"),
        ),
        ("persistent_disk: -1", ("wrong-value", "'/persistent_disk' must be at least 0.", "It is -1.", "m.yml:6:1")),
        (
            "jobs: [{name: a, release: r, consumes: {db: {instances: [{address: ''}]}}}]",
            (
                "wrong-value",
                "'/jobs/name=a/consumes/db/instances/0/address' must be text that is not empty.",
                "It is empty.",
                "m.yml:6:59",
            ),
        ),
        (
            "lifecycle: x",
            ("wrong-value", "'/lifecycle' must be one of 'service', 'errand'.", "It is 'x'.", "m.yml:6:1"),
        ),
    ],
)
def test_a_wrong_value_says_what_was_wanted_and_what_is_there(extra: str, expected: tuple[str, ...]) -> None:
    assert only(f"{GROUP}{extra}\n") == expected


@pytest.mark.parametrize(("written", "shown"), [("on", "true"), ("y", "true"), ("no", "false"), ("12", "12")])
def test_an_unknown_key_that_is_no_text_is_shown_as_yaml_reads_it(written: str, shown: str) -> None:
    ((code, what, why, where),) = [only(f"{GROUP}{written}: 1\n")]
    assert (code, what, where) == (
        "unknown-key",
        f"The document has the unknown key '{shown}'.",
        "m.yml:6:1",
    )
    assert why.startswith("YAML reads `y`, `yes`, `on` and the like as booleans") == (shown in {"true", "false"})


def test_an_unknown_key_is_told_with_the_nearest_known_one_of_its_own_map() -> None:
    jobs = "jobs: [{name: a, release: r, consumes: {db: {form: x}}}]"
    (fault,) = faults(GROUP.replace("jobs: []", jobs))
    assert (fault.code, fault.what, fault.fix, fault.where) == (
        "unknown-key",
        "'/jobs/name=a/consumes/db' has the unknown key 'form'.",
        "Did you mean 'from'?",
        "m.yml:3:46",
    )


def test_a_missing_key_is_told_at_the_map_that_lacks_it() -> None:
    assert only(GROUP.replace("{name: a}", "{default: [dns]}")) == (
        "missing-key",
        "'/networks/0' has no 'name', which it needs.",
        "The key is missing from a map.",
        "m.yml:5:12",
    )


@pytest.mark.parametrize("key", sorted(Manifest.retired))
def test_keys_of_old_manifests_are_told_apart_from_mistakes(key: str) -> None:
    fault = next(fault for fault in faults(f"{key}: []\n", Manifest) if fault.code == "retired-key")
    assert (fault.fix, fault.where) == (Manifest.retired[key], "m.yml:1:1")


_MANIFEST = (
    "name: m\nstemcells: [{alias: s, os: linux, version: '1'}]\nreleases: [{name: r, version: '1', properties: {}}]\n"
    "update: {canaries: 1, max_in_flight: 1, canary_watch_time: 1, update_watch_time: 1}\n"
)


def test_keys_that_bosh_ignores_are_remarks_with_their_places() -> None:
    checked = validate.check_document(texts.document(f"{_MANIFEST}domains: [x]\n"), Manifest)
    assert checked.written
    assert checked.written.document.name == "m"
    assert [(each.code, each.text.split(".")[0], each.where) for each in checked.written.remarks] == [
        ("key-ignored", "'/releases/name=r' has the unknown key 'properties', which is ignored", "m.yml:3:36"),
        ("key-ignored", "The document has the unknown key 'domains', which is ignored", "m.yml:5:1"),
    ]


def test_entries_with_the_same_ignored_key_are_one_remark() -> None:
    group = "{name: %s, instances: 1, jobs: [], stemcell: s, networks: [{name: net}], meta: 1, note: x}"
    checked = validate.check_document(
        texts.document(f"{_MANIFEST}instance_groups: [{', '.join(group % name for name in 'abc')}]\n"), Manifest
    )
    assert checked.written
    reported = [each.text.split(",")[0] for each in checked.written.remarks[1:]]
    assert reported == [
        "'/instance_groups/name=a' and 2 more like it have the unknown key 'meta'",
        "'/instance_groups/name=a' and 2 more like it have the unknown key 'note'",
    ]


def test_a_misspelt_key_is_a_mistake_beside_an_ignored_one() -> None:
    assert only(f"{_MANIFEST}domains: [x]\naddon: []\n", Manifest)[:2] == (
        "unknown-key",
        "The document has the unknown key 'addon'.",
    )


def test_a_list_of_wrong_items_is_not_called_empty_too() -> None:
    assert [fault.code for fault in faults(GROUP.replace("{name: a}", "{}"))] == ["missing-key"]


def test_an_empty_list_that_must_not_be_is_refused() -> None:
    assert only(GROUP.replace("[{name: a}]", "[]"))[:2] == (
        "wrong-value",
        "'/networks' must be a list that is not empty.",
    )


def test_a_document_that_is_nothing_is_refused() -> None:
    assert only("", CloudConfig) == ("wrong-type", "The document must be a map.", "It is nothing (null).", "m.yml:1:1")


def test_a_secret_where_none_can_be_is_refused_by_name() -> None:
    document = texts.document(GROUP)
    assert isinstance(document.tree, dict)
    tree = {**document.tree, "stemcell": SecretRef(name="pw"), "properties": {"a": SecretRef(name="pw")}}
    (fault,) = validate.check_document(Document(tree=tree, spans=document.spans), InstanceGroup).problems
    assert (fault.what, fault.why) == (
        "'/stemcell' must be text.",
        "It is the secret ((pw)). Only properties, cloud properties and env may contain secrets.",
    )


def test_keys_that_are_not_text_are_unknown() -> None:
    assert only(f"{GROUP}1: x\n")[:2] == ("unknown-key", "The document has the unknown key '1'.")


def test_numbers_are_as_boshs_cli_sends_them() -> None:
    text = """\
name: shop
releases: []
stemcells: [{alias: s, os: linux, version: latest}]
update: {canaries: 1.0, max_in_flight: 2, canary_watch_time: 1, update_watch_time: 1}
instance_groups:
- {name: web, instances: 2.0, jobs: [], stemcell: s, networks: [{name: a}], properties: {a: 2.5, b: 1e6}}
"""
    checked = validate.check_document(texts.document(text), Manifest)
    assert checked.written, checked.problems
    (group,) = checked.written.document.instance_groups
    assert (group.instances, repr(group.properties)) == (2, "{'a': 2.5, 'b': 1000000.0}")
    (fault,) = faults(text.replace("2.0", "2e6"), Manifest)
    assert (fault.what, fault.why) == (
        "'/instance_groups/name=web/instances' must be a whole number.",
        "It is 2000000.0.",
    )


@pytest.mark.parametrize(
    ("extra", "has_rest"),
    [
        ("persistent_disk: much\n", True),
        ("update: {canaries: [], serial: maybe}\n", True),
        ("azs: z1\n", False),
        ("persistent_disk: much\nazs: z1\n", False),
    ],
)
def test_the_rest_is_checked_beside_a_wrong_number_or_boolean(extra: str, has_rest: bool) -> None:
    checked = validate.check_document(texts.document(f"{GROUP}{extra}"), InstanceGroup)
    assert (checked.written, bool(checked.rest), bool(checked.problems)) == (None, has_rest, True)


def test_a_group_whose_number_of_instances_is_unknown_is_not_checked_further() -> None:
    text = GROUP.replace("instances: 1", "instances: two")
    assert validate.check_document(texts.document(text), InstanceGroup).rest is None
