"""What every cloud promises of the storage accounts that templates add to a landing zone."""

from dataclasses import replace

from cpi.contract.landing_parts import StorageAccountSpec
from cpi.contract.values import ENVIRONMENT_ITSELF, FoundLandingResource, LandingSpec
from tests.contract.cloud.subjects import ENVIRONMENT, Subject

ACCOUNT = StorageAccountSpec(name="diag4711", containers=("logs", "core-dumps"))
SPEC = LandingSpec(
    networks={"main": "10.9.0.0/24"},
    public_names=("jumpbox",),
    storage_accounts=(ACCOUNT, StorageAccountSpec(name="data4711")),
)
NAMES = [
    ("blob_account", "data4711"),
    ("blob_account", "diag4711"),
    ("blob_container", "diag4711/core-dumps"),
    ("blob_container", "diag4711/logs"),
]


def _land(subject: Subject, spec: LandingSpec, action: str) -> list[FoundLandingResource]:
    owner = subject.owner(action, ENVIRONMENT_ITSELF)
    return [subject.landing.create_landing_resource(one, owner) for one in subject.landing.landing_resources(spec)]


def _found(subject: Subject) -> list[FoundLandingResource]:
    return [one for one in subject.landing.find_landing_resources(ENVIRONMENT) if one.kind.startswith("blob_")]


def test_an_account_is_made_once_with_its_containers_found_and_deleted(subject: Subject) -> None:
    made = {one.cid: one for one in _land(subject, SPEC, "accounts")}
    assert {one.cid for one in _land(subject, SPEC, "again")} == set(made)
    found = _found(subject)
    assert [(one.kind, one.name) for one in found] == NAMES
    assert {one.owner.environment for one in found} == {ENVIRONMENT}
    for one in found[:2]:
        assert (one.outputs, one.owner.action) == (made[one.cid].outputs, "accounts")
        assert one.outputs[f"{one.name}_storage_account"]
        assert one.outputs[f"{one.name}_storage_url"].endswith("/")
    for one in reversed(found):
        subject.landing.delete_landing_resource(one.cid)
        subject.landing.delete_landing_resource(one.cid)
    assert _found(subject) == []


def test_an_account_with_containers_is_deleted_whole(subject: Subject) -> None:
    _land(subject, SPEC, "accounts")
    account = next(one for one in _found(subject) if one.name == "diag4711")
    subject.landing.delete_landing_resource(account.cid)
    assert [one.name for one in _found(subject)] == ["data4711"]
    for one in reversed(_found(subject)):
        subject.landing.delete_landing_resource(one.cid)
    assert _found(subject) == []


def test_settings_that_a_cloud_does_not_have_are_a_remark_and_others_are_changed(subject: Subject) -> None:
    _land(subject, SPEC, "accounts")
    changed = replace(SPEC, storage_accounts=(replace(ACCOUNT, sku="Standard_GRS", access_tier="Cool"),))
    remarks = [one.finding.code for one in subject.landing.part_findings(changed)]
    wanted = next(one for one in subject.landing.landing_resources(changed) if one.name == "diag4711")
    if remarks:
        assert (remarks, wanted.entries) == (["landing-part-unused"], None)
        return
    subject.landing.create_landing_resource(wanted, subject.owner("other", ENVIRONMENT_ITSELF))
    found = next(one for one in _found(subject) if one.name == "diag4711")
    assert wanted.entries
    assert set(found.entries) == set(wanted.entries)
