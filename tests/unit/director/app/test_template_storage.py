"""Storage accounts of a template, in a simulated cloud: made once with their containers, changed, taken down."""

from pathlib import Path
from typing import Any

import pytest

from director import errors
from director.app.use_cases import down
from director.app.use_cases.down import DownRequest
from director.errors import InputError
from tests.support.arm_resources import ACCOUNT_URL, Tree, resource, template, with_account
from tests.support.callers import calling
from tests.support.template_lab import TemplateLab

ACCOUNT = "Microsoft.Storage/storageAccounts"
OUTPUTS = {
    "endpoint": {"type": "string", "value": ACCOUNT_URL},
    "key": {"type": "string", "value": f"[listKeys(resourceId('{ACCOUNT}', 'diag4711'), '2023-01-01').keys[0].value]"},
}


@pytest.fixture
def lab(tmp_path: Path) -> TemplateLab:
    return TemplateLab(tmp_path)


def _problems(lab: TemplateLab, tree: Tree) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        lab.plan(tree)
    problems = errors.each_problem(caught.value)
    assert all(one.where.startswith("t.json:") for one in problems)
    return [(one.code, one.what) for one in problems]


def test_an_account_is_made_with_its_containers_changed_and_deleted(lab: TemplateLab) -> None:
    stored = template(with_account(), outputs=OUTPUTS)
    subjects = [action.subject for action in lab.plan(stored).landing.actions]
    assert subjects[-2:] == ["blob_account diag4711", "blob_container diag4711/logs"]
    report = lab.up(stored)
    outputs = {one.name: (one.value, one.is_known) for one in report.outputs}
    assert outputs["endpoint"] == ("memory:diag4711/", True)
    assert not outputs["key"][1]
    assert set(lab.what_if(stored).values()) == {"NoChange"}
    changed = template(with_account("Standard_GRS"))
    (action,) = lab.plan(changed).landing.actions
    assert (action.work.kind, action.reason) == (
        "update_landing_resource",
        "'sku Standard_LRS' -> 'sku Standard_GRS'",
    )
    assert {name: kind for name, kind in lab.what_if(changed).items() if kind != "NoChange"} == {"diag4711": "Modify"}
    lab.up(changed)
    assert lab.plan(changed).landing.is_empty
    gone = lab.what_if(template())
    assert {gone[name] for name in ("diag4711", "diag4711/default", "diag4711/default/logs")} == {"Ignore"}
    assert down.take_down(lab.session(), DownRequest(caller=calling("down")), lambda _: None).left == ()
    assert lab.simulation.cloud.resources.landing == {}


def test_a_container_that_was_deleted_by_hand_is_made_again(lab: TemplateLab) -> None:
    stored = template(with_account())
    lab.up(stored)
    landing = lab.simulation.cloud.resources.landing
    (cid,) = (cid for cid, one in landing.items() if one.name == "diag4711/logs")
    del landing[cid]
    assert {name: kind for name, kind in lab.what_if(stored).items() if kind != "NoChange"} == {
        "diag4711/default/logs": "Create"
    }
    lab.up(stored)
    assert "diag4711/logs" in {one.name for one in landing.values()}


def test_a_template_of_storage_alone_is_deployed(lab: TemplateLab) -> None:
    tree = template()
    tree["resources"] = [resource(ACCOUNT, "data4711", {}, sku={"name": "Premium_LRS"}, kind="BlockBlobStorage")]
    lab.up(tree)
    assert "data4711" in {one.name for one in lab.simulation.cloud.resources.landing.values()}
    assert set(lab.what_if(tree).values()) == {"NoChange"}


def test_what_is_wrong_with_an_account_is_told_at_once_with_its_place(lab: TemplateLab) -> None:
    def change(tree: Tree) -> None:
        with_account()(tree)
        more: dict[str, Any] = {
            "Bad_Name": resource(ACCOUNT, "Bad_Name", {}, sku={"name": "Standard_LRS"}, kind="StorageV2"),
            "tiered": resource(ACCOUNT, "tiered", {"accessTier": "Cool"}, sku={"name": "Standard_LRS"}, kind="Storage"),
            "a": resource(f"{ACCOUNT}/blobServices/containers", "diag4711/default/Bad-", {}),
        }
        tree.update(more)

    assert _problems(lab, template(change)) == [
        ("landing-part-invalid", "'Bad-' is not a valid name of a container."),
        ("landing-part-invalid", "'Bad_Name' is not a valid name of a storage account."),
        ("landing-part-invalid", "Storage account 'tiered' cannot have the accessTier Cool."),
    ]


def test_what_compleat_does_not_act_on_is_refused(lab: TemplateLab) -> None:
    def change(tree: Tree) -> None:
        properties = {"networkAcls": {"defaultAction": "Deny"}, "allowBlobPublicAccess": True, "accessTier": "Cold"}
        more: dict[str, Any] = {
            "one": resource(ACCOUNT, "one", properties, sku={"name": "Standard_XRS"}, kind="FileStorage"),
            "two": resource(f"{ACCOUNT}/blobServices/containers", "two/other/logs", {"publicAccess": "Blob"}),
        }
        more["three"] = resource(f"{ACCOUNT}/managementPolicies", "two/default", {})
        tree.update(more)

    whats = {what.partition(": ")[2] for _, what in _problems(lab, template(change))}
    assert whats == {
        f"compleat makes no resources of the type '{ACCOUNT}/managementPolicies'.",
        "properties.networkAcls.defaultAction is not supported.",
        "properties.allowBlobPublicAccess is not supported.",
        "properties.publicAccess is not supported.",
        "its storage account is not in the template.",
        "an account has one blob service, and it is not called 'other'.",
        "'standard_xrs' is not a value of sku.name.",
        "'filestorage' is not a value of kind.",
        "'cold' is not a value of properties.accessTier.",
    }
