"""Which VMs this machine connects to itself, and whether it has a route to them."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from cpi.contract.values import (
    NetworkKind,
    NetworkSettings,
    OwnerKey,
    PreflightRequest,
    SshAccess,
    StemcellCid,
    VmCid,
    VmRequest,
)
from director.app.checks import direct_vms, preflight
from director.app.sessions.session import Session
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.state import DeploymentState, InstanceRecord, VmRecord
from director.model.ids import ActionId, DeploymentName, GroupName, InstanceId
from tests.support.callers import calling
from tests.support.machine_routes import MachineRoutes
from tests.support.sessions import session_of
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT

VIP = NetworkSettings(name="public", kind=NetworkKind.VIP, ip="192.0.2.1")


def _session(home: Path, access: str, routes: MachineRoutes) -> Session:
    world = replace(Simulation().process(), routes=routes)
    file = yaml.safe_dump({"name": str(ENVIRONMENT), "cloud": "memory", "jumpbox": access})
    return session_of(Simulation(), home, world=world, file=file)


def _vm(deployment: str, ip: str, *more: NetworkSettings) -> VmRequest:
    inner = NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip=ip, prefix=24)
    return VmRequest(
        name=f"{deployment}-0",
        owner=OwnerKey(environment=ENVIRONMENT, deployment=deployment, action=deployment),
        agent_id="a",
        stemcell_cid=StemcellCid(""),
        networks=(*more, inner),
        ssh=SshAccess(user="vcap", public_key="k"),
    )


JUMPBOX, WEB = _vm("jumpbox", "10.0.0.5", VIP), _vm("web", "10.0.1.6")
REQUEST = PreflightRequest(vms=(JUMPBOX, WEB))


@pytest.mark.parametrize(
    ("access", "direct", "is_inside"),
    [
        ("public", {JUMPBOX.owner}, False),
        ("private", {JUMPBOX.owner}, True),
        ("none", {JUMPBOX.owner, WEB.owner}, True),
    ],
)
def test_jumpboxes_are_direct_and_without_one_every_vm_is(
    access: str, direct: set[OwnerKey], is_inside: bool, tmp_path: Path
) -> None:
    found = direct_vms.with_direct_vms(_session(tmp_path, access, MachineRoutes()), REQUEST)
    assert (set(found.direct), found.is_inside) == (direct, is_inside)
    assert found.vms == REQUEST.vms


@pytest.mark.parametrize(("access", "own"), [("public", set()), ("private", {"10.0.2.15"}), ("none", {"10.0.2.15"})])
def test_the_cloud_is_given_the_directors_own_addresses_where_it_is_inside(
    access: str, own: set[str], tmp_path: Path
) -> None:
    found = direct_vms.with_direct_vms(_session(tmp_path, access, MachineRoutes()), REQUEST)
    assert set(found.director_addresses) == own
    nowhere = direct_vms.with_direct_vms(_session(tmp_path / "b", access, MachineRoutes(ranges=())), REQUEST)
    assert set(nowhere.director_addresses) == set()


def test_a_jumpbox_of_before_is_a_remark_where_none_is_wanted(tmp_path: Path) -> None:
    vm = VmRecord(cid=VmCid("vm-1"), action=ActionId("a"), stemcell_cid=StemcellCid("s"), networks=())
    jumpbox = InstanceRecord(id=InstanceId("i"), group=GroupName("jumpbox"), index=0, vm=vm)
    for access, has_vm, codes in (("none", True, ["jumpbox-unused"]), ("none", False, []), ("private", True, [])):
        session = _session(tmp_path / f"{access}-{has_vm}", access, MachineRoutes())
        instance = jumpbox if has_vm else replace(jumpbox, vm=None)
        state = DeploymentState(environment=ENVIRONMENT, deployment=DeploymentName("jumpbox"), instances=(instance,))
        store = session.world.store
        with store.hold_lease(ENVIRONMENT, state.deployment, caller=calling("up")) as lease:
            store.save_deployment(lease, state)
        assert [found.finding.code for found in preflight.environment_findings(session)] == codes


@pytest.mark.parametrize(
    ("access", "ranges", "without_route"),
    [
        ("public", (), []),
        ("private", (), ["10.0.0.5"]),
        ("private", ("10.0.0.0/24",), []),
        ("none", ("10.0.0.0/24",), ["10.0.1.6"]),
        ("none", ("10.0.0.0/16",), []),
    ],
)
def test_a_network_that_this_machine_has_no_route_to_is_refused(
    access: str, ranges: tuple[str, ...], without_route: list[str], tmp_path: Path
) -> None:
    session = _session(tmp_path, access, MachineRoutes(ranges=ranges))
    findings = direct_vms.route_findings(session, {ONLY_CLOUD: REQUEST})
    assert [(one.finding.code, one.finding.is_fatal) for one in findings] == [
        ("no-route-to-network", True) for _ in without_route
    ]
    assert all(address in one.finding.why for address, one in zip(without_route, findings, strict=True))


def test_it_is_told_with_all_other_findings_of_preflight(tmp_path: Path) -> None:
    session = _session(tmp_path, "none", MachineRoutes(ranges=()))
    unknown = replace(WEB, cloud_properties={"instance_type": "odd"})
    found = preflight.ask_clouds(session, {ONLY_CLOUD: PreflightRequest(vms=(unknown,))})
    assert {"no-route-to-network", "unknown-instance-type"} <= {one.finding.code for one in found}
