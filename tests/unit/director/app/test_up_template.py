"""`up` of a template in a simulated cloud: made once, changed, taken down; secrets nowhere but in the vault."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from director import errors
from director.app.sessions import template_records
from director.app.templates.template_request import GivenText
from director.app.use_cases import delete as deleting
from director.app.use_cases import down, template_plan, up
from director.app.use_cases.down import DownRequest
from director.app.use_cases.up import UpRequest
from director.errors import InputError
from director.model.configs import ConfigType
from tests.support.arm_resources import Tree, request_of, resource, template
from tests.support.callers import calling
from tests.support.template_lab import TemplateLab, agree
from tests.support.wants import ENVIRONMENT

SECRET = "sesame-4711"
_OTHER = {
    "name": "other",
    "stemcells": [{"alias": "default", "os": "memory-linux", "version": "latest"}],
    "update": {
        "canaries": 0,
        "max_in_flight": 1,
        "canary_watch_time": "1000-30000",
        "update_watch_time": "1000-30000",
    },
    "instance_groups": [
        {
            "name": "one",
            "instances": 1,
            "azs": ["z1"],
            "stemcell": "default",
            "vm_type": "default",
            "networks": [{"name": "default"}],
            "jobs": [],
            "env": {"token": "((token))", "note": "((note))"},
        }
    ],
}


@pytest.fixture
def lab(tmp_path: Path) -> TemplateLab:
    return TemplateLab(tmp_path)


def _outputs(**values: str) -> Tree:
    return {"outputs": {name: {"type": "string", "value": value} for name, value in values.items()}}


def test_a_template_is_planned_deployed_and_then_nothing_is_left_to_do(lab: TemplateLab) -> None:
    tree = template(
        **_outputs(
            public="[reference(resourceId('Microsoft.Network/publicIPAddresses', 'ip')).ipAddress]",
            inner="[reference('nic').ipConfigurations[0].properties.privateIPAddress]",
            odd="[reference('web').instanceView]",
        )
    )
    planned = lab.plan(tree)
    assert [str(plan.deployment) for plan in planned.plans] == ["t"]
    assert "public_address ip" in {action.subject for action in planned.landing.actions}
    assert lab.vms() == [], "a plan creates nothing"
    assert lab.session().world.configs.list_configs(lab.session().settings.environment) == ()
    assert set(lab.what_if(tree).values()) == {"Create"}

    report = lab.up(tree)
    outputs = {one.name: (one.value, one.is_known) for one in report.outputs}
    address = lab.session().environment().variables["ip_public_ip"]
    assert outputs["public"] == (address, True)
    assert outputs["inner"] == ("172.30.1.9", True)
    assert outputs["odd"][1] is False
    assert lab.vms() == ["jumpbox", "t"]

    again = lab.plan(tree)
    assert again.landing.is_empty
    assert [plan.is_empty for plan in again.plans] == [True]
    assert set(lab.what_if(tree).values()) == {"NoChange"}


def test_the_environment_of_a_template_is_written_before_anything_is_made(lab: TemplateLab) -> None:
    def described(tree: Tree) -> None:
        tree["env"] = resource("Compleat/environments", ENVIRONMENT, {"cloud": "memory"})

    address = f"[reference(resourceId('Compleat/environments', '{ENVIRONMENT}')).publicAddresses.jumpbox]"
    tree = template(described, **_outputs(jumpbox=address))
    path = lab.folder / "environments" / f"{ENVIRONMENT}.yml"
    session = replace(lab.session(), planned_files={str(path): "name: test\n"})
    request = UpRequest(bundle="", caller=calling("up t.json"), values={}, template=request_of(tree))
    report = up.bring_up(session, request, agree, agree=lambda _: None)
    assert path.read_text() == "name: test\n"
    (output,) = report.outputs
    assert output.value == lab.session().environment().variables["jumpbox_public_ip"]
    assert lab.what_if(tree)[ENVIRONMENT] == "NoChange"

    landing = lab.simulation.cloud.resources.landing
    (cid,) = (cid for cid, one in landing.items() if one.name == "jumpbox")
    del landing[cid]
    assert lab.what_if(tree)[ENVIRONMENT] == "Deploy"


def test_what_leaves_the_template_is_deleted_and_a_vm_that_is_gone_is_made_again(lab: TemplateLab) -> None:
    def two(tree: Tree) -> None:
        nic = json.loads(json.dumps(tree["nic"]).replace("172.30.1.9", "172.30.1.10"))
        nic["properties"]["ipConfigurations"][0]["properties"].pop("publicIPAddress")
        tree["nic2"] = {**nic, "name": "nic2"}
        tree["web2"] = {**json.loads(json.dumps(tree["web"]).replace("'nic'", "'nic2'")), "name": "web2"}

    lab.up(template(two))
    assert lab.vms() == ["jumpbox", "t", "t"]
    changes = lab.what_if(template())
    assert {name: kind for name, kind in changes.items() if kind != "NoChange"} == {"web2": "Delete", "nic2": "Delete"}
    lab.up(template())
    assert lab.vms() == ["jumpbox", "t"]
    (gone,) = (vm for vm in lab.simulation.cloud.inventory().vms if vm.owner.deployment == "t")
    lab.simulation.cloud.delete_vm(gone.created.cid)
    assert lab.what_if(template())["web"] == "Deploy"
    lab.up(template())
    assert lab.what_if(template())["web"] == "NoChange"


def test_a_changed_property_is_a_modification(lab: TemplateLab) -> None:
    def bigger(tree: Tree) -> None:
        tree["web"]["tags"] = {"role": "front"}

    lab.up(template())
    assert lab.what_if(template(bigger)) == {"net": "NoChange", "ip": "NoChange", "nic": "NoChange", "web": "Modify"}
    lab.up(template(bigger))
    assert set(lab.what_if(template(bigger)).values()) == {"NoChange"}


def _with_other(tree: Tree) -> None:
    variables = {"token": "[parameters('token')]", "note": "plain"}
    tree["other"] = resource("Compleat/deployments", "other", {"manifest": _OTHER, "variables": variables})


_SECURE = {
    "parameters": {"token": {"type": "securestring"}},
    "outputs": {"t": {"type": "securestring", "value": "[parameters('token')]"}},
}


def test_a_secure_parameter_is_in_the_vault_and_in_no_plan_record_or_output(lab: TemplateLab) -> None:
    tree = template(_with_other, **_SECURE)
    planned = lab.plan(tree, token=SECRET)
    assert SECRET not in repr(planned.plans)
    report = lab.up(tree, token=SECRET)
    assert [(one.name, one.value, one.is_secure) for one in report.outputs] == [("t", None, True)]
    session = lab.session()
    assert session.world.vault.get_secret(f"/{ENVIRONMENT}/other/token") == SECRET
    kept = [config.content for config in session.world.configs.list_configs(session.settings.environment)]
    states = session.world.store.list_deployments(session.settings.environment)
    assert SECRET not in f"{kept} {states} {report}"
    assert set(lab.what_if(tree, token=SECRET).values()) == {"NoChange"}
    lab.up(tree, token="another")
    assert session.world.vault.get_secret(f"/{ENVIRONMENT}/other/token") == "another"


def test_a_secure_parameter_on_the_command_line_is_refused(lab: TemplateLab) -> None:
    request = request_of(template(_with_other, **_SECURE), texts=(GivenText(name="token", text=SECRET),))
    with pytest.raises(InputError) as caught:
        template_plan.plan_template(lab.session(), request, caller=calling("plan"))
    assert [each.code for each in errors.each_problem(caught.value)] == ["template-secure-argument"]
    assert SECRET not in str(caught.value)


def test_other_deployments_are_ignored_and_a_deployment_of_a_manifest_is_not_taken_over(lab: TemplateLab) -> None:
    lab.up(template(_with_other, **_SECURE), token=SECRET)
    assert lab.what_if(template())["other"] == "Ignore"
    with pytest.raises(InputError) as caught:
        request = request_of(template())
        named = replace(request, surroundings=replace(request.surroundings, deployment_name="other"))
        template_plan.plan_template(lab.session(), named, caller=calling("plan"))
    assert caught.value.code == "template-name-taken"


def test_delete_deployment_and_down_drop_the_records(lab: TemplateLab) -> None:
    lab.up(template())
    deleting.delete_deployment(lab.session(), "t", caller=calling("delete-deployment"), is_forcing=False, confirm=agree)
    assert lab.what_if(template())["web"] == "Create"
    lab.up(template())
    session = lab.session()
    assert len(template_records.records_in(session.world.configs.list_configs(session.settings.environment))) == 1
    assert down.take_down(session, DownRequest(caller=calling("down")), lambda _: None).left == ()
    left = session.world.configs.list_configs(session.settings.environment)
    assert {config.type for config in left} == {ConfigType.PLACE}  # for `leftovers`, which asks where it ever was
    assert not lab.simulation.cloud.inventory().landing
