"""`up` of a template in a simulated cloud: made once, changed, taken down; secrets nowhere but in the vault."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from director import errors
from director.app.sessions import template_records
from director.app.sessions.session import Session
from director.app.templates.template_request import GivenText
from director.app.use_cases import delete as deleting
from director.app.use_cases import down, template_plan, up
from director.app.use_cases.down import DownRequest
from director.app.use_cases.template_plan import PlannedTemplate
from director.app.use_cases.up import UpRequest
from director.errors import InputError
from director.model.agents.agent_address import AgentTarget
from director.model.configs import ConfigType, StoredConfig
from director.model.report import UpReport
from director.model.secret_ref import Property
from director.model.tasks.plan import Plan
from director.ports.login_checks import LoginCheck
from director.text.yaml import reader
from tests.support import worlds
from tests.support.arm_resources import Tree, request_of, resource, template, with_balancer
from tests.support.callers import calling
from tests.support.sessions import session_of
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT

SECRET = "sesame-4711"
_CLOUD_CONFIG = """\
azs: [{name: z1}]
networks:
- name: default
  type: manual
  subnets: [{range: 10.0.0.0/24, gateway: 10.0.0.1, dns: [10.0.0.2], azs: [z1], cloud_properties: {network: main}}]
- {name: public, type: vip}
vm_types: [{name: default, cloud_properties: {instance_type: small}}]
compilation: {workers: 1, network: default, az: z1, vm_type: default}
"""
_FILE = """\
name: test
cloud: memory
cloud_config: {folder}/cloud-config.yml
public_names: [jumpbox]
networks: {{landed: 172.20.0.0/16}}
"""
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


class _AllWork:
    """Every login works."""

    def try_login(self, login: LoginCheck) -> str:
        return ""

    def is_key_accepted(self, target: AgentTarget) -> bool:
        return True

    def run_command(self, target: AgentTarget, command: str) -> str:
        return ""


@dataclass(slots=True)
class TemplateLab:
    """An environment that was never built, and a template in it."""

    folder: Path
    simulation: Simulation = field(default_factory=Simulation)

    def __post_init__(self) -> None:
        (self.folder / "cloud-config.yml").write_text(_CLOUD_CONFIG)

    def session(self) -> Session:
        """The session of another command."""
        world = worlds.with_trials(self.simulation.process(), _AllWork())
        return session_of(self.simulation, self.folder, world=world, file=_FILE.format(folder=self.folder))

    def up(self, tree: Tree, **given: str) -> UpReport:
        request = UpRequest(
            bundle="", caller=calling("up t.json"), values={}, template=request_of(tree, texts=_texts(given))
        )
        return up.bring_up(self.session(), request, _yes, agree=lambda _: None)

    def plan(self, tree: Tree, **given: str) -> PlannedTemplate:
        return template_plan.plan_template(
            self.session(), request_of(tree, texts=_texts(given)), caller=calling("plan")
        )

    def what_if(self, tree: Tree, **given: str) -> dict[str, str]:
        request = request_of(tree, texts=_texts(given))
        table = template_plan.explain_changes(self.session(), request, caller=calling("what-if"))
        return {str(row["name"]): str(row["change"]) for row in table.rows}

    def vms(self) -> list[str]:
        """The deployments of the cloud's VMs."""
        return sorted(str(vm.owner.deployment) for vm in self.simulation.cloud.inventory().vms)


def _texts(given: dict[str, str]) -> tuple[GivenText, ...]:
    return tuple(GivenText(name=name, text=text, is_argument=False) for name, text in given.items())


def _yes(_plan: Plan) -> None:
    """The answer to each question."""


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
    report = up.bring_up(session, request, _yes, agree=lambda _: None)
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


def _with_group(port: str) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        rule = {
            "priority": 100,
            "direction": "Inbound",
            "access": "Allow",
            "protocol": "Tcp",
            "destinationPortRange": port,
        }
        rules = [{"name": "one", "properties": rule}]
        tree["guard"] = resource("Microsoft.Network/networkSecurityGroups", "guard", {"securityRules": rules})
        group = {"id": "[resourceId('Microsoft.Network/networkSecurityGroups', 'guard')]"}
        tree["nic"]["properties"]["networkSecurityGroup"] = group

    return change


def test_a_security_group_is_part_of_the_landing_zone(lab: TemplateLab) -> None:
    subjects = {action.subject for action in lab.plan(template(_with_group("22"))).landing.actions}
    assert "security_group guard" in subjects
    lab.up(template(_with_group("22")))
    assert "guard" in {one.name for one in lab.simulation.cloud.resources.landing.values()}
    assert set(lab.what_if(template(_with_group("22"))).values()) == {"NoChange"}


def test_changed_rules_of_a_group_are_in_the_plan_and_done(lab: TemplateLab) -> None:
    lab.up(template(_with_group("22")))
    changed = template(_with_group("2222"))
    (action,) = lab.plan(changed).landing.actions
    before, after = (f"one: allow inbound tcp {port} from any to any, priority 100" for port in ("22", "2222"))
    assert (action.work.kind, action.subject) == ("update_landing_resource", "security_group guard")
    assert action.reason == f"'{before}' -> '{after}'"
    assert {name: kind for name, kind in lab.what_if(changed).items() if kind != "NoChange"} == {"guard": "Modify"}
    lab.up(changed)
    (guard,) = (one for one in lab.simulation.cloud.resources.landing.values() if one.name == "guard")
    assert guard.entries == (after,)
    assert set(lab.what_if(changed).values()) == {"NoChange"}
    assert lab.plan(changed).landing.is_empty


def test_a_cloud_that_does_not_answer_soon_has_what_is_recorded_of_it(lab: TemplateLab) -> None:
    lab.up(template(_with_group("22")))
    gate = lab.simulation.cloud.gate
    gate.conditions = replace(gate.conditions, latency_s=lambda _: 5.0)
    assert set(lab.what_if(template(_with_group("22"))).values()) == {"NoChange"}


def test_rules_that_were_changed_by_hand_are_put_back(lab: TemplateLab) -> None:
    lab.up(template(_with_group("22")))
    landing = lab.simulation.cloud.resources.landing
    (cid,) = (cid for cid, one in landing.items() if one.name == "guard")
    landing[cid] = replace(landing[cid], entries=())
    assert lab.what_if(template(_with_group("22")))["guard"] == "Deploy"
    lab.up(template(_with_group("22")))
    assert len(landing[cid].entries) == 1


def test_two_templates_do_not_share_a_group(lab: TemplateLab) -> None:
    lab.up(template(_with_group("22")))
    request = request_of(template(_with_group("22")))
    named = replace(request, surroundings=replace(request.surroundings, deployment_name="other"))
    with pytest.raises(InputError) as caught:
        template_plan.plan_template(lab.session(), named, caller=calling("plan"))
    problems = [each for each in errors.each_problem(caught.value) if "security group 'guard'" in each.what]
    assert [each.code for each in problems] == ["template-name-taken"]


def _extensions(config: StoredConfig) -> list[Property]:
    """The VM extensions of what a template adds to the cloud config."""
    source = template_records.cloud_config_of(config)
    tree: Any = reader.read_document(source).tree
    found: list[Property] = tree["vm_extensions"]
    return found


def _balanced(port: int = 80) -> Tree:
    def change(tree: Tree) -> None:
        with_balancer(tree)
        tree["lb"]["properties"]["loadBalancingRules"][0]["properties"]["frontendPort"] = port

    return template(change)


def test_a_load_balancer_is_made_joined_changed_and_deleted(lab: TemplateLab) -> None:
    subjects = {action.subject for action in lab.plan(_balanced()).landing.actions}
    assert {"load_balancer lb", "public_address front"} <= subjects
    lab.up(_balanced())
    assert set(lab.what_if(_balanced()).values()) == {"NoChange"}
    configs = lab.session().world.configs.list_configs(lab.session().settings.environment)
    (config,) = (one for one in configs if one.type is ConfigType.TEMPLATE)
    assert {"name": "t.web", "cloud_properties": {"load_balancers": ["lb"]}} in _extensions(config)
    (action,) = lab.plan(_balanced(81)).landing.actions
    assert (action.work.kind, action.subject) == ("update_landing_resource", "load_balancer lb")
    assert "tcp 80 to 8080, probed by http 8080 /health every 5 s" in action.reason
    assert {name: kind for name, kind in lab.what_if(_balanced(81)).items() if kind != "NoChange"} == {"lb": "Modify"}
    lab.up(_balanced(81))
    assert lab.plan(_balanced(81)).landing.is_empty
    assert lab.what_if(template())["lb"] == "Ignore"
    assert down.take_down(lab.session(), DownRequest(caller=calling("down")), lambda _: None).left == ()
    assert lab.simulation.cloud.resources.landing == {}


def test_a_load_balancer_that_was_deleted_by_hand_is_made_again(lab: TemplateLab) -> None:
    lab.up(_balanced())
    landing = lab.simulation.cloud.resources.landing
    (cid,) = (cid for cid, one in landing.items() if one.name == "lb")
    del landing[cid]
    assert lab.what_if(_balanced())["lb"] == "Create"
    lab.up(_balanced())
    assert "lb" in {one.name for one in landing.values()}


def test_what_a_cloud_says_of_a_rule_has_the_place_of_the_rule(lab: TemplateLab) -> None:
    with pytest.raises(InputError) as caught:
        lab.plan(template(_with_group("x-1")))
    (problem,) = errors.each_problem(caught.value)
    assert problem.code == "landing-part-invalid"
    assert problem.where.startswith("t.json:")


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
    deleting.delete_deployment(lab.session(), "t", caller=calling("delete-deployment"), is_forcing=False, confirm=_yes)
    assert lab.what_if(template())["web"] == "Create"
    lab.up(template())
    session = lab.session()
    assert len(template_records.records_in(session.world.configs.list_configs(session.settings.environment))) == 1
    assert down.take_down(session, DownRequest(caller=calling("down")), lambda _: None).left == ()
    left = session.world.configs.list_configs(session.settings.environment)
    assert {config.type for config in left} == {ConfigType.PLACE}  # for `leftovers`, which asks where it ever was
    assert not lab.simulation.cloud.inventory().landing
