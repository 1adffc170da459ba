"""The jumpboxes of several clouds: who gets one, where, and by which key it is known."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.rules import Rules
from cpi.contract.values import Endpoint, NetworkKind, NetworkSettings, StemcellCid, VmCid
from director import errors
from director.app.landing import jumpboxes
from director.app.sessions import environment_checks, environment_files
from director.app.sessions.session import Session
from director.app.use_cases import bundle_preview
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.errors import InputError
from director.model.agents.agent_address import SshAddress
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.environment import Environment, Jumpbox
from director.model.environments.state import DeploymentState, InstanceRecord, VmRecord
from director.model.ids import ActionId, DeploymentName, GroupName, InstanceId
from tests.support.sessions import session_of
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT

FILE = f"""
name: {ENVIRONMENT}
cloud_config: cloud-config.yml
clouds:
- {{name: near, plugin: memory}}
- {{name: idle, plugin: memory}}
- {{name: far, plugin: memory}}
- {{name: routed, plugin: memory, public_names: []}}
"""
CLOUD_CONFIG = """
azs: [{name: z1, cpi: near}, {name: z2, cpi: far}, {name: z3, cpi: routed}, {name: z4, cpi: far}]
networks:
- name: default
  type: manual
  subnets: [{range: 10.0.0.0/16, gateway: 10.0.0.1, azs: [z1, z2, z3, z4]}]
- {name: public, type: vip}
vm_types: [{name: default}]
compilation: {workers: 1, network: default, az: z1, vm_type: default}
"""


def _session(home: Path) -> Session:
    simulation = Simulation()
    clouds = {name: connect_cloud(MemoryCloud(Rules())) for name in ("near", "idle", "far", "routed")}
    (home / "cloud-config.yml").write_text(CLOUD_CONFIG)
    session = session_of(simulation, home, world=replace(simulation.process(), clouds=clouds), file=FILE)
    return replace(session, folder=str(home))


def test_each_cloud_that_an_az_names_and_that_has_an_address_gets_a_group(tmp_path: Path) -> None:
    session = _session(tmp_path)
    files = jumpboxes.manifest_files(session, bundle_preview.preview_environment(session), {})
    (ops,) = files.ops
    assert [(each["path"], _of_interest(each["value"])) for each in yaml.safe_load(ops.content)] == [
        ("/stemcells/alias=default", ("memory-linux", "1.0")),
        ("/instance_groups/name=jumpbox", ("jumpbox", ["z1"], "default", ["192.0.2.1"])),
        ("/stemcells/-", ("memory-linux", "1.0")),
        ("/instance_groups/-", ("jumpbox-far", ["z2"], "far", ["192.0.2.3"])),
    ]


def test_all_of_them_are_planned_on_their_own_clouds(tmp_path: Path) -> None:
    session = _session(tmp_path)
    files = jumpboxes.manifest_files(session, bundle_preview.preview_environment(session), {})
    _, step = bundle_preview.preview_bundle(session, (RequestedDeployment(files=files),)).steps
    made = [
        (each.subject, getattr(each.work, "cloud", "")) for each in step.plan.actions if each.work.kind == "create_vm"
    ]
    assert sorted(made) == [("jumpbox-far/0", "far"), ("jumpbox/0", "near")]


def _one_cloud(home: Path, jumpbox: object, config: str) -> Session:
    (home / "cloud-config.yml").write_text(config)
    file = {"name": str(ENVIRONMENT), "cloud": "memory", "cloud_config": "cloud-config.yml", "jumpbox": jumpbox}
    session = session_of(Simulation(), home, file=yaml.safe_dump(file))
    return replace(session, folder=str(home))


def _group(session: Session) -> Any:
    """The instance group of the manifest with its operations; None for the manifest that ships with compleat."""
    files = jumpboxes.manifest_files(session, bundle_preview.preview_environment(session), {})
    return yaml.safe_load(files.ops[0].content)[0]["value"] if files.ops else None


def _where(group: Any) -> tuple[object, ...]:
    return group.get("azs"), group["vm_type"], [network["name"] for network in group["networks"]]


PUBLIC = """
azs: [{name: a1}, {name: a2}]
networks:
- {name: vip, type: vip}
- {name: other, type: manual, subnets: [{range: 10.1.0.0/24, gateway: 10.1.0.1, azs: [a2]}]}
- {name: inner, type: manual, subnets: [{range: 10.0.0.0/24, gateway: 10.0.0.1, az: a1}]}
vm_types: [{name: tiny}, {name: large}]
compilation: {workers: 1, network: inner, az: a1, vm_type: tiny}
"""


_TWO_TYPES = "[{name: b}, {name: default}]"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("public", (["a1"], "tiny", ["inner", "vip"])),
        ({"az": "a2"}, (["a2"], "tiny", ["other", "vip"])),
        ({"network": "inner", "vm_type": "large", "vip_network": "vip"}, (["a1"], "large", ["inner", "vip"])),
        ("private", (["a1"], "tiny", ["inner"])),
    ],
)
def test_the_jumpbox_is_where_the_environments_file_says(written: object, expected: object, tmp_path: Path) -> None:
    assert _where(_group(_one_cloud(tmp_path, written, PUBLIC))) == expected


def test_usual_names_are_taken_before_the_first_that_fit(tmp_path: Path) -> None:
    usual = CLOUD_CONFIG.replace(", cpi: near", "").replace(", cpi: far", "").replace(", cpi: routed", "")
    assert _group(_one_cloud(tmp_path, "public", usual)) is None
    first = usual.replace("networks:", "networks:\n- {name: a, type: vip}").replace("[{name: default}]", _TWO_TYPES)
    assert _group(_one_cloud(tmp_path, "public", first)) is None


def test_without_a_vip_network_the_jumpbox_is_private_or_refused(tmp_path: Path) -> None:
    config = PUBLIC.replace("- {name: vip, type: vip}\n", "")
    with pytest.raises(InputError) as caught:
        _group(_one_cloud(tmp_path, "public", config))
    assert (caught.value.code, "jumpbox: private" in caught.value.fix) == ("jumpbox-network-missing", True)
    assert _where(_group(_one_cloud(tmp_path, "private", config))) == (["a1"], "tiny", ["inner"])


def test_names_that_the_cloud_config_does_not_have_are_refused_together(tmp_path: Path) -> None:
    session = _one_cloud(tmp_path, {"network": "x", "vip_network": "default", "vm_type": "x", "az": "x"}, PUBLIC)
    with pytest.raises(InputError) as caught:
        _group(session)
    problems = [(each.code, each.what.split()[0]) for each in errors.each_problem(caught.value)]
    assert problems == [
        ("unknown-network", "'network'"),
        ("unknown-network", "'vip_network'"),
        ("unknown-vm-type", "'vm_type'"),
        ("unknown-az", "'az'"),
    ]


@pytest.mark.parametrize("access", ["private", "none"])
def test_places_without_effect_are_refused(access: str, tmp_path: Path) -> None:
    session = _one_cloud(tmp_path, {"access": access, "vip_network": "public"}, PUBLIC)
    assert [each.code for each in environment_checks.problems(session.written)] == ["jumpbox-place-unused"]


@pytest.mark.parametrize("access", ["private", "none"])
def test_without_a_public_jumpbox_no_address_is_reserved_for_it(access: str, tmp_path: Path) -> None:
    session = _one_cloud(tmp_path, access, PUBLIC)
    assert environment_files.landing_spec(session.file, ONLY_CLOUD).public_names == ()
    assert jumpboxes.are_wanted(session) == (access == "private")


def test_a_private_jumpbox_is_known_by_the_address_of_its_vm(tmp_path: Path) -> None:
    session = _one_cloud(tmp_path, "private", PUBLIC)
    environment = bundle_preview.preview_environment(session)
    networks = (NetworkSettings(name="inner", kind=NetworkKind.MANUAL, ip="10.0.0.7"),)
    record = _record(0, ONLY_CLOUD)
    assert record.vm
    record = replace(record, vm=replace(record.vm, networks=networks))
    state = DeploymentState(environment=environment.name, deployment=DeploymentName("jumpbox"), instances=(record,))
    (jumpbox,) = jumpboxes.pin_host_keys(session, environment, state).jumpboxes
    assert (jumpbox.address, jumpbox.endpoint, jumpbox.host_key) == (
        "10.0.0.7",
        Endpoint(host="10.0.0.7", port=22),
        f"key of {ONLY_CLOUD}",
    )


def test_host_keys_are_pinned_and_a_cloud_without_a_vm_has_no_jumpbox_after_all(tmp_path: Path) -> None:
    ways = tuple(
        Jumpbox(cloud=name, address="192.0.2.1", endpoint=Endpoint(host="h", port=22)) for name in ("a", "b", "c")
    )
    session = _session(tmp_path)
    environment = replace(bundle_preview.preview_environment(session), jumpboxes=ways)
    records = tuple(_record(number, cloud) for number, cloud in enumerate(("a", "c")))
    name = DeploymentName("jumpbox")
    state = DeploymentState(environment=environment.name, deployment=name, instances=records)
    pinned: Environment = jumpboxes.pin_host_keys(session, environment, state)
    assert [(each.cloud, each.host_key) for each in pinned.jumpboxes] == [("a", "key of a"), ("c", "key of c")]
    assert [pinned.jumpbox_group(cloud) for cloud in ("a", "c")] == ["jumpbox", "jumpbox-c"]


def _of_interest(value: dict[str, object]) -> tuple[object, ...]:
    if "os" in value:
        return value["os"], value["version"]
    networks = value["networks"]
    assert isinstance(networks, list)
    return value["name"], value["azs"], value["stemcell"], networks[1]["static_ips"]


def _record(number: int, cloud: str) -> InstanceRecord:
    vm = VmRecord(
        cid=VmCid(cloud),
        action=ActionId("a"),
        stemcell_cid=StemcellCid("s"),
        networks=(),
        cloud=cloud,
        agent=SshAddress(host="10.0.0.1", host_key=f"key of {cloud}"),
    )
    return InstanceRecord(id=InstanceId(str(number)), group=GroupName("jumpbox"), index=number, az="z1", vm=vm)
