"""Security groups, load balancers and ways out of a template, in a simulated cloud: made once, changed, taken down."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from director import errors
from director.app.sessions import template_records
from director.app.use_cases import down, template_plan
from director.app.use_cases.down import DownRequest
from director.errors import InputError
from director.model.configs import ConfigType, StoredConfig
from director.model.secret_ref import Property
from director.text.yaml import reader
from tests.support.arm_resources import Tree, request_of, resource, template, with_balancer, with_ways
from tests.support.callers import calling
from tests.support.template_lab import TemplateLab


@pytest.fixture
def lab(tmp_path: Path) -> TemplateLab:
    return TemplateLab(tmp_path)


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


def test_the_ways_out_of_a_subnet_are_made_named_changed_and_deleted(lab: TemplateLab) -> None:
    routed, changed = template(with_ways("None")), template(with_ways("Internet"))
    subjects = {action.subject for action in lab.plan(routed).landing.actions}
    assert {"nat_gateway nat", "route_table ways", "public_address way-out"} <= subjects
    lab.up(routed)
    assert set(lab.what_if(routed).values()) == {"NoChange"}
    landing = lab.simulation.cloud.resources.landing
    (network,) = (one for one in landing.values() if one.name == "managed.net-inner.subnet")
    assert network.entries == ("route table ways", "NAT gateway nat")
    (action,) = lab.plan(changed).landing.actions
    assert action.reason == "'lab: 10.1.0.0/16 to none' -> 'lab: 10.1.0.0/16 to internet'"
    assert lab.what_if(changed)["ways"] == "Modify"
    assert [(one.work.kind, one.subject) for plan in lab.plan(template()).plans for one in plan.actions] == [
        ("update_landing_resource", "network managed.net-inner.subnet")
    ]
    assert lab.what_if(template())["nat"] == "Ignore"
    lab.up(template())
    (network,) = (one for one in landing.values() if one.name == "managed.net-inner.subnet")
    assert network.entries == ()
    assert down.take_down(lab.session(), DownRequest(caller=calling("down")), lambda _: None).left == ()
    assert landing == {}


def test_a_vm_that_forwards_has_the_property_of_its_cloud(lab: TemplateLab) -> None:
    def change(tree: Tree) -> None:
        tree["nic"]["properties"]["enableIPForwarding"] = True

    lab.up(template(change))
    configs = lab.session().world.configs.list_configs(lab.session().settings.environment)
    (config,) = (one for one in configs if one.type is ConfigType.TEMPLATE)
    assert _extensions(config) == [{"name": "t.web", "cloud_properties": {"ip_forwarding": True}}]
    assert set(lab.what_if(template(change)).values()) == {"NoChange"}


def test_a_load_balancer_that_was_deleted_by_hand_is_made_again(lab: TemplateLab) -> None:
    lab.up(_balanced())
    landing = lab.simulation.cloud.resources.landing
    (cid,) = (cid for cid, one in landing.items() if one.name == "lb")
    del landing[cid]
    assert lab.what_if(_balanced())["lb"] == "Create"
    lab.up(_balanced())
    assert "lb" in {one.name for one in landing.values()}


def test_a_network_is_created_before_the_balancer_in_it_and_stays_as_long_as_that(lab: TemplateLab) -> None:
    def without_vm(tree: Tree) -> None:
        _inside(tree)
        del tree["web"], tree["nic"], tree["ip"]

    (kinds, network) = (
        {one.name: one.kind for one in lab.simulation.cloud.resources.landing.values()},
        "managed.net-inner.subnet",
    )
    assert network not in kinds
    lab.up(template(_inside))
    landing = lab.simulation.cloud.resources.landing
    (balancer,) = (one for one in landing.values() if one.name == "lb")
    assert (balancer.place.network, balancer.place.address) == (network, "172.30.1.191")
    assert set(lab.what_if(template(_inside)).values()) == {"NoChange"}
    assert lab.plan(template(_inside)).landing.is_empty
    with pytest.raises(InputError, match="'lb' cannot be changed"):
        lab.plan(template(with_balancer))
    lab.up(template(without_vm))
    assert lab.vms() == ["jumpbox"]
    assert {network, "lb"} <= {one.name for one in landing.values()}
    assert all(plan.is_empty for plan in lab.plan(template(without_vm)).shown)
    down.take_down(lab.session(), DownRequest(caller=calling("down")), lambda _: None)
    assert landing == {}


def _inside(tree: Tree) -> None:
    """The load balancer's front end is in the VM's subnet."""
    with_balancer(tree)
    del tree["front"]
    subnet = {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'inner')]"}
    tree["lb"]["properties"]["frontendIPConfigurations"][0]["properties"] = {"subnet": subnet}


def test_what_a_cloud_says_of_a_rule_has_the_place_of_the_rule(lab: TemplateLab) -> None:
    with pytest.raises(InputError) as caught:
        lab.plan(template(_with_group("x-1")))
    (problem,) = errors.each_problem(caught.value)
    assert problem.code == "landing-part-invalid"
    assert problem.where.startswith("t.json:")
