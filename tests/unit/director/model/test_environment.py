"""How VMs are reached: through the jumpbox of their own cloud, or the first where theirs has none."""

from dataclasses import replace

from cpi.contract.values import Endpoint, NetworkKind, NetworkSettings, SshAccess, StemcellCid, VmCid
from director.model.agents.agent_address import AgentLogin, AgentTarget, SshAddress, first_address
from director.model.environments.environment import CloudChoice, Environment, Jumpbox
from director.model.environments.state import VmRecord
from director.model.ids import ActionId
from director.model.secret_ref import SecretRef
from tests.support.wants import ENVIRONMENT

KEY = SecretRef(name="/test/ssh")
NEAR = Jumpbox(cloud="near", address="203.0.113.1", endpoint=Endpoint(host="127.9.9.9", port=2200), host_key="near-key")
FAR = Jumpbox(cloud="far", address="203.0.113.1", endpoint=Endpoint(host="198.51.100.7", port=22), host_key="far-key")
PLACE = Environment(
    name=ENVIRONMENT,
    clouds=(CloudChoice(name="near", plugin="memory"), CloudChoice(name="far", plugin="memory")),
    ssh=SshAccess(user="root", public_key="ssh-ed25519 key"),
    ssh_key=KEY,
    jumpboxes=(NEAR, FAR),
)


def _vm(cloud: str, *, vip: str = "") -> VmRecord:
    networks: tuple[NetworkSettings, ...] = (NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip="10.0.0.5"),)
    if vip:
        networks += (NetworkSettings(name="public", kind=NetworkKind.VIP, ip=vip),)
    stemcell = StemcellCid("s")
    return VmRecord(
        cid=VmCid("c"),
        action=ActionId("a"),
        stemcell_cid=stemcell,
        networks=networks,
        cloud=cloud,
        agent=first_address(networks, "own-key"),
    )


def _target(name: str, host: str, port: int, host_key: str, jump: AgentTarget | None = None) -> AgentTarget:
    address = SshAddress(host=host, port=port, host_key=host_key)
    return AgentTarget(name=name, address=address, login=AgentLogin(user="root", key=KEY), jump=jump)


def test_a_vm_is_reached_through_the_jumpbox_of_its_own_cloud() -> None:
    assert [PLACE.target_of(_vm(cloud), "web/0") for cloud in ("near", "far")] == [
        _target("web/0", "10.0.0.5", 22, "own-key", jump=_target("jumpbox", "127.9.9.9", 2200, "near-key")),
        _target("web/0", "10.0.0.5", 22, "own-key", jump=_target("jumpbox", "198.51.100.7", 22, "far-key")),
    ]


def test_a_jumpbox_is_reached_straight_with_the_key_of_its_own_vm() -> None:
    assert PLACE.target_of(_vm("far", vip=FAR.address), "jumpbox-far/0") == _target(
        "jumpbox-far/0", "198.51.100.7", 22, "own-key"
    )


def test_without_a_jumpbox_the_cloud_says_where_an_address_is_reached() -> None:
    found = replace(PLACE, jumpboxes=()).target_of(_vm("far"), "web/0")
    assert found == replace(_target("web/0", "10.0.0.5", 22, "own-key"), cloud="far")


def test_a_cloud_without_a_jumpbox_is_entered_by_the_first() -> None:
    place = replace(PLACE, jumpboxes=(NEAR,))
    through = _target("jumpbox", "127.9.9.9", 2200, "near-key")
    assert place.target_of(_vm("far"), "web/0") == _target("web/0", "10.0.0.5", 22, "own-key", jump=through)
    held = place.target_of(_vm("far", vip=NEAR.address), "web/0")
    assert held == _target("web/0", "10.0.0.5", 22, "own-key", jump=through)
