"""Dynamic networks: the cloud chooses the address, templates see it, and links have DNS names."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from cpi.contract.values import NetworkKind, NetworkSettings
from director.actions.apply import Apply
from director.app.use_cases import deploy as deploying
from director.app.use_cases import plan as planning
from director.model.environments import instance_spec
from director.model.environments.desired import Link, LinkSource, Network, Subnet
from director.model.environments.instance_spec import InstanceSpec
from director.plan import front
from director.render.properties import Links
from tests.support import flow, wants
from tests.support.deaths import Death, Deaths
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab
from tests.unit.director.plan import scenes
from tests.unit.director.resolve.case_files import CASES
from tests.unit.director.resolve.test_written_keys import codes_of

_MANIFEST: Any = yaml.safe_load((CASES / "base" / "manifest.yml").read_text())
_CONFIG: Any = yaml.safe_load((CASES / "base" / "cloud-config.yml").read_text())
_DYNAMIC = "{name: default, type: dynamic, subnets: [{azs: [z1], dns: [10.0.0.2], cloud_properties: {network: main}}]}"


@dataclass(slots=True)
class DynamicLab(Lab):
    """After `up` its network becomes dynamic."""

    def __post_init__(self) -> None:
        Lab.__post_init__(self)
        path = self.folder / "cloud-config.yml"
        lines = path.read_text().splitlines()
        at = lines.index("- name: default")
        path.write_text("\n".join([*lines[:at], f"- {_DYNAMIC}", *lines[at + 3 :], ""]))


def test_vms_of_a_dynamic_network_have_the_cloud_s_addresses_and_keep_them(tmp_path: Path) -> None:
    lab = DynamicLab(Simulation(), tmp_path)
    plan = planning.plan_deployment(lab.session(), lab.request()).plan
    specs = [action.work.spec.spec for action in plan.actions if isinstance(action.work, Apply)]
    assert {str(spec["ip"]) for spec in specs} == {instance_spec.UNKNOWN_ADDRESS}
    lab.deploy()
    records = lab.session().deployment("app").instances
    chosen = [net for record in records if record.vm for net in record.vm.networks]
    assert {net.kind for net in chosen} == {NetworkKind.DYNAMIC}
    assert len({net.ip for net in chosen}) == 2
    assert all(str(net.ip).startswith("10.0.") and net.prefix == 16 and net.gateway for net in chosen)
    assert {str(record.addresses) for record in records} == {"{}"}, "no address of theirs is planned"
    seen = {instance: facts["ip"] for instance, facts in _facts_of(lab).items()}
    assert seen == {record.id: record.vm.networks[0].ip for record in records if record.vm}
    assert lab.deploy().report is None, "nothing differs"
    lab.deploy(instances=1)
    assert len(lab.session().deployment("app").instances) == 1


def _facts_of(lab: Lab) -> dict[str, dict[str, object]]:
    records = {record.vm.cid: record.id for record in lab.session().deployment("app").instances if record.vm}
    return {
        records[cid]: dict(machine.spec)
        for cid, machine in lab.simulation.agents.disk.machines.items()
        if cid in records and machine.spec is not None
    }


def test_an_address_that_a_cloud_chose_is_not_planned_for_another_vm(tmp_path: Path) -> None:
    lab = DynamicLab(Simulation(), tmp_path)
    lab.deploy()
    session = lab.session()
    taken = {str(net.ip) for record in session.deployment("app").instances if record.vm for net in record.vm.networks}
    manual = Lab.request(lab, "other")
    config = (tmp_path / "cloud-config.yml").read_text().replace(_DYNAMIC, _manual(sorted(taken)[0]))
    (tmp_path / "cloud-config.yml").write_text(config)
    planned = deploying.deploy(lab.session(), manual, lambda _: None)
    others = lab.session().deployment(planned.name).instances
    assert not taken & {net.ip for record in others if record.vm for net in record.vm.networks}


def _manual(first: str) -> str:
    return (
        "{name: default, subnets: [{range: 10.0.0.0/16, gateway: 10.0.255.254, azs: [z1], "
        f"reserved: [10.0.0.1 - {first}], cloud_properties: {{network: main}}}}]}}"
    )


def test_templates_and_links_of_a_dynamic_network_have_dns_names() -> None:
    consumer = replace(
        scenes.job("app"), links=(Link(name="db", type="sql", source=LinkSource(group="Data_base", job="db")),)
    )
    base = replace(scenes.group("Data_base", 2), jobs=(scenes.job("db"),))
    network = Network(name="de_fault", kind=NetworkKind.DYNAMIC, subnets=(Subnet(cidr="", gateway=""),))
    groups = [
        replace(one, networks=(replace(one.networks[0], name="de_fault"),))
        for one in (base, replace(scenes.group("app"), jobs=(consumer,)))
    ]
    desired = scenes.deployment(*groups, networks=(network, scenes.network()))
    plan = front.make_plan(desired, scenes.nothing(), scenes.asked())
    spec = next(
        action.work.spec for action in plan.actions if action.subject == "app/0" and isinstance(action.work, Apply)
    )
    link = spec.links["app"]["db"]
    assert isinstance(link, dict)
    ids = sorted(record.id for record in plan.records if record.group == "Data_base")
    assert sorted(each["address"] for each in link["instances"]) == [
        f"{one}.data-base.de-fault.dep.bosh" for one in ids
    ]
    assert Links(by_name={"link": link}).link("link").address() == "q-s0.data-base.de-fault.dep.bosh"
    own = next(record.id for record in plan.records if record.group == "app")
    assert spec.spec["address"] == f"{own}.app.de-fault.dep.bosh"


def test_a_spec_gets_the_addresses_of_its_vm_alone() -> None:
    manual = NetworkSettings(name="a", kind=NetworkKind.MANUAL, ip="10.0.0.4", prefix=24, defaults=("dns",))
    dynamic = NetworkSettings(name="b", kind=NetworkKind.DYNAMIC, ip=None, defaults=("gateway",))
    facts = {net.name: instance_spec.network_facts(net) for net in (manual, dynamic)}
    spec = InstanceSpec(jobs=(), spec={"ip": "127.0.0.1", "address": "name", "networks": facts})
    learnt = replace(dynamic, ip="192.168.0.7", prefix=20, gateway="192.168.0.1")
    found = instance_spec.with_addresses(spec, (manual, learnt)).spec
    assert (found["ip"], found["address"]) == ("192.168.0.7", "name")
    assert found["networks"] == {
        "a": facts["a"],
        "b": {**facts["b"], "ip": "192.168.0.7", "netmask": "255.255.240.0", "gateway": "192.168.0.1"},
    }
    assert instance_spec.with_addresses(spec, (manual,)) is spec


def test_wherever_the_director_dies_the_same_addresses_are_there_at_the_end() -> None:
    network = Network(
        name="default",
        kind=NetworkKind.DYNAMIC,
        subnets=(Subnet(cidr="", gateway="", cloud_properties={"network": "main"}),),
    )
    plain = wants.small()
    desired = replace(plain, networks=(network,), groups=tuple(replace(group, azs=()) for group in plain.groups))
    desired = replace(desired, compilation=replace(desired.compilation, az=None))
    simulation = Simulation()
    deploy = flow.deploying(desired)
    for at in range(5, 200, 13):
        try:
            deploy(simulation, Deaths(at))
        except Death:
            continue
    deploy(simulation, Deaths())
    assert deploy(simulation, Deaths()) is None
    held = simulation.cloud.inventory().vms
    assert len(held) == len({net.ip for vm in held for net in vm.created.networks}) == 3


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subnets": [{"azs": ["z1"]}], "dns": ["10.0.0.2"]}, "dynamic-network-mixed"),
        ({"subnets": [{"azs": ["z1"]}, {}]}, "subnet-azs-mixed"),
        ({"subnets": [{"azs": ["z1", "z2"], "range": "10.0.0.0/24"}]}, "setting-unused"),
        ({"subnets": [{"azs": ["z2"]}]}, "network-without-az"),
        ({"subnets": []}, "az-not-wanted"),
    ],
)
def test_what_is_wrong_with_a_dynamic_network_is_reported(change: dict[str, object], code: str) -> None:
    networks = [{"name": "default", "type": "dynamic", **change}, *_CONFIG["networks"][1:]]
    groups = [{**group, "networks": [{"name": "default"}], "azs": ["z1"]} for group in _MANIFEST["instance_groups"]]
    manifest = {**_MANIFEST, "instance_groups": groups}
    assert code in codes_of(manifest, {**_CONFIG, "networks": networks})


def test_a_static_address_on_a_dynamic_network_is_refused() -> None:
    networks = [{"name": "default", "type": "dynamic", "subnets": [{"azs": ["z1", "z2"]}]}]
    config = {**_CONFIG, "networks": [*networks, *_CONFIG["networks"][1:]]}
    assert codes_of(_MANIFEST, config) >= {"static-ip-dynamic"}
