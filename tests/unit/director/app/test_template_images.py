"""Images of a template, in a simulated cloud: made before the VMs that are created from them, changed, taken down."""

from pathlib import Path

import pytest

from cpi.contract.errors import ExplainedError
from director import errors
from director.app.use_cases import down
from director.app.use_cases.down import DownRequest
from tests.support.arm_resources import IMAGE, VM, Tree, resource, template, with_account, with_image
from tests.support.callers import calling
from tests.support.template_lab import TemplateLab

BLOB = "https://blobs.example/vhds/golden.vhd"
WEB = "[resourceId('Microsoft.Compute/virtualMachines', 'web')]"
GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/resource-group"
OUTPUTS = {
    "id": {"type": "string", "value": f"[resourceId('{IMAGE}', 'golden')]"},
    "blob": {"type": "string", "value": "[reference('golden').storageProfile.osDisk.blobUri]"},
    "state": {"type": "string", "value": "[reference('golden').provisioningState]"},
}


@pytest.fixture
def lab(tmp_path: Path) -> TemplateLab:
    return TemplateLab(tmp_path)


def _problems(lab: TemplateLab, tree: Tree) -> list[tuple[str, str]]:
    with pytest.raises(ExplainedError) as caught:
        lab.plan(tree)
    problems = errors.each_problem(caught.value)
    assert all(one.where.startswith("t.json:") for one in problems)
    return [(one.code, one.what) for one in problems]


def _system_of_web(lab: TemplateLab) -> str:
    return _system_of(lab, "t")


def _system_of(lab: TemplateLab, deployment: str) -> str:
    """The operating system of the image that the VM of a deployment was created from."""
    resources = lab.simulation.cloud.resources
    held = next(one for one in resources.vms.values() if one.found.owner.deployment == deployment)
    return resources.stemcells[held.request.stemcell_cid].os


def _images(lab: TemplateLab) -> list[str]:
    return sorted(one.os for one in lab.simulation.cloud.resources.stemcells.values())


def test_an_image_of_a_blob_is_made_used_and_deleted(lab: TemplateLab) -> None:
    tree = template(with_image({"blobUri": BLOB}), outputs=OUTPUTS)
    (action,) = [one for one in lab.plan(tree).landing.actions if "image-golden" in one.subject]
    assert (action.work.kind, action.reason) == ("create_stemcell", "not there yet")
    assert lab.what_if(tree)["golden"] == "Create"
    outputs = {one.name: one.value for one in lab.up(tree).outputs}
    assert outputs == {
        "id": f"{GROUP}/providers/{IMAGE}/golden",
        "blob": BLOB,
        "state": "Succeeded",
    }
    assert _system_of_web(lab) == "image-golden"
    assert set(lab.what_if(tree).values()) == {"NoChange"}
    planned = lab.plan(tree)
    assert planned.landing.is_empty
    assert all(plan.is_empty for plan in planned.plans)
    assert down.take_down(lab.session(), DownRequest(caller=calling("down")), lambda _: None).left == ()
    assert _images(lab) == []


def test_another_source_is_another_image_and_the_vm_is_created_from_it(lab: TemplateLab) -> None:
    lab.up(template(with_image({"blobUri": BLOB})))
    changed = template(with_image({"blobUri": BLOB.replace("golden", "newer")}))
    changes = {name: kind for name, kind in lab.what_if(changed).items() if kind != "NoChange"}
    assert changes == {"golden": "Modify", "web": "Deploy"}
    lab.up(changed)
    assert set(lab.what_if(changed).values()) == {"NoChange"}
    assert lab.vms() == ["jumpbox", "t"]
    made = sorted(one.version for one in lab.simulation.cloud.resources.stemcells.values() if one.os == "image-golden")
    assert [version.partition("-")[0] for version in made] == ["1", "2"]
    lab.up(template(with_image({"blobUri": BLOB})))
    assert len([one for one in _images(lab) if one == "image-golden"]) == 2
    assert lab.what_if(template())["golden"] == "Ignore"


def test_a_manifest_names_an_image_by_its_system(lab: TemplateLab) -> None:
    def deployed(tree: Tree) -> None:
        with_image({"blobUri": BLOB})(tree)
        manifest = {
            "name": "app",
            "stemcells": [{"alias": "x", "os": "image-golden", "version": "latest"}],
            "releases": [],
            "update": {"canaries": 1, "max_in_flight": 1, "canary_watch_time": 1000, "update_watch_time": 1000},
            "instance_groups": [
                {
                    "name": "app",
                    "instances": 1,
                    "azs": ["z1"],
                    "stemcell": "x",
                    "vm_type": "default",
                    "networks": [{"name": "default"}],
                    "jobs": [],
                }
            ],
        }
        tree["app"] = resource("Compleat/deployments", "app", {"manifest": manifest})

    lab.up(template(deployed))
    assert lab.vms() == ["app", "jumpbox", "t"]
    assert {_system_of(lab, "t"), _system_of(lab, "app")} == {"image-golden"}
    lab.up(template(with_image({"blobUri": BLOB.replace("golden", "newer")})))
    assert set(lab.what_if(template(with_image({"blobUri": BLOB.replace("golden", "newer")}))).values()) == {
        "NoChange",
        "Ignore",
    }


def test_an_image_that_was_deleted_by_hand_is_made_again(lab: TemplateLab) -> None:
    tree = template(with_image({"blobUri": BLOB}))
    lab.up(tree)
    stemcells = lab.simulation.cloud.resources.stemcells
    (cid,) = (cid for cid, one in stemcells.items() if one.os == "image-golden")
    del stemcells[cid]
    assert lab.what_if(tree)["golden"] == "Create"


def test_the_environments_own_system_is_no_image_of_a_template(lab: TemplateLab) -> None:
    lab.up(template(with_image({"blobUri": BLOB})))
    lab.up(template())
    assert not _system_of_web(lab).startswith("image-")


def test_a_template_of_an_image_alone_is_deployed(lab: TemplateLab) -> None:
    tree = template()
    source = {"storageProfile": {"osDisk": {"osType": "Linux", "osState": "Generalized", "blobUri": BLOB}}}
    tree["resources"] = [resource(IMAGE, "alone", source)]
    lab.up(tree)
    assert "image-alone" in _images(lab)
    assert set(lab.what_if(tree).values()) == {"NoChange"}


def test_an_image_of_a_vm_needs_the_vm_and_outlives_it(lab: TemplateLab) -> None:
    def copied(tree: Tree) -> None:
        with_image({"sourceVirtualMachine": {"id": WEB}})(tree)
        tree["web"]["properties"].pop("storageProfile")

    assert _problems(lab, template(copied)) == [
        ("template-reference-missing", f"{IMAGE}/golden: its VM is not deployed yet.")
    ]
    lab.up(template())
    lab.up(template(copied))
    assert "image-golden" in _images(lab)
    assert set(lab.what_if(template(copied)).values()) == {"NoChange"}


def test_a_vm_names_an_image_that_the_cloud_has(lab: TemplateLab) -> None:
    def existing(tree: Tree) -> None:
        tree["web"]["properties"]["storageProfile"] = {"imageReference": {"id": "default"}}

    lab.up(template(existing))
    assert _system_of_web(lab) == "image-default"
    assert set(lab.what_if(template(existing)).values()) == {"NoChange"}


def test_what_the_cloud_does_not_have_is_told_before_anything_is_made(lab: TemplateLab) -> None:
    (found,) = _problems(lab, template(with_image({"snapshot": {"id": "snapshot-99"}})))
    assert found[0] == "unknown-image-source"
    assert _images(lab) == ["memory-linux"]


def test_the_next_up_looks_for_what_an_image_is_made_of_before_anything_is_made(lab: TemplateLab) -> None:
    def more(tree: Tree) -> None:
        with_image({"snapshot": {"id": "snapshot-99"}})(tree)
        with_account()(tree)

    lab.up(template())
    before = dict(lab.simulation.cloud.resources.landing)
    with pytest.raises(ExplainedError) as caught:
        lab.up(template(more))
    (found,) = errors.each_problem(caught.value)
    assert (found.code, found.where.partition(":")[0]) == ("unknown-image-source", "t.json")
    assert lab.simulation.cloud.resources.landing == before


def test_what_is_wrong_with_an_image_is_told_at_once_with_its_place(lab: TemplateLab) -> None:
    def change(tree: Tree) -> None:
        with_image({"blobUri": "ftp://blobs.example/a.vhd"})(tree)
        tree["two"] = resource(IMAGE, "two", {"storageProfile": {"osDisk": {"blobUri": f"{BLOB}?sig=c2ln"}}})
        tree["web"]["properties"] = {**VM, "storageProfile": {"imageReference": {"id": "No Image"}}}

    assert _problems(lab, template(change)) == [
        ("landing-part-invalid", "'ftp://blobs.example/a.vhd' of image 'golden' is no blob of The memory cloud."),
        ("landing-part-invalid", "The blob of image 'two' has a URL with '?' or '@'."),
        ("landing-part-invalid", "'No Image' of image 'No Image' is no image of The memory cloud."),
    ]


def test_what_compleat_does_not_act_on_is_refused(lab: TemplateLab) -> None:
    def change(tree: Tree) -> None:
        disk = {
            "osType": "Windows",
            "osState": "Specialized",
            "diskSizeGB": 64,
            "blobUri": BLOB,
            "snapshot": {"id": "s"},
        }
        tree["one"] = resource(IMAGE, "one-", {"storageProfile": {"osDisk": disk}, "hyperVGeneration": "V3"})
        tree["two"] = resource(IMAGE, "two", {"storageProfile": {"dataDisks": [{"lun": 0, "blobUri": BLOB}]}})

    whats = {what.partition(": ")[2] for _, what in _problems(lab, template(change))}
    assert whats == {
        "properties.storageProfile.osDisk.osType is not supported.",
        "properties.storageProfile.osDisk.osState is not supported.",
        "properties.storageProfile.osDisk.diskSizeGB is not supported.",
        "properties.storageProfile.dataDisks[0] is not supported.",
        "'one-' is not a valid name of an image.",
        "an image is made of one thing, not 2.",
        "an image is made of one thing, not 0.",
        "'v3' is not a value of properties.hyperVGeneration.",
    }
