"""Saved states read back, also those of the version before."""

import json

import pytest

from cpi.contract.values import DiskCid, JsonValue, NetworkKind, NetworkSettings, StemcellCid, VmCid
from director.edge.state import state_document
from director.model import as_data
from director.model.agents.agent_address import SshAddress
from director.model.environments.state import STATE_VERSION, DeploymentState, DiskRecord, InstanceRecord, VmRecord
from director.model.ids import ActionId, DeploymentName, EnvironmentName, GroupName, InstanceId
from director.plan.deciding import vm_requests

_NETWORKS = (
    NetworkSettings(name="public", kind=NetworkKind.VIP, ip="203.0.113.5"),
    NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip="10.0.0.5"),
)
_VM = VmRecord(
    cid=VmCid("vm-1"),
    action=ActionId("r/create_vm/web-0"),
    stemcell_cid=StemcellCid("s"),
    networks=_NETWORKS,
    agent=SshAddress(host="10.0.0.5", host_key="ssh-ed25519 k"),
)
_DISK = DiskRecord(cid=DiskCid("disk-1"), action=ActionId("r/create_disk/web-0"), size_mib=10)
_STATE = DeploymentState(
    environment=EnvironmentName("e"),
    deployment=DeploymentName("d"),
    instances=(
        InstanceRecord(id=InstanceId("i-1"), group=GroupName("web"), index=0, vm=_VM, disk=_DISK),
        InstanceRecord(id=InstanceId("i-2"), group=GroupName("web"), index=1),
    ),
    compilers={"compiler-1": _VM},
)


def _saved() -> dict[str, JsonValue]:
    data: dict[str, JsonValue] = json.loads(json.dumps(as_data.encode(_STATE)))
    return data


def _old_vm(host_key: str) -> dict[str, JsonValue]:
    vm = json.loads(json.dumps(as_data.encode(_VM)))
    del vm["agent"]
    return {**vm, "host_key": host_key, "cloud": ""}


def _old_disk(hint: str) -> dict[str, JsonValue]:
    return {"cid": "disk-1", "action": "r/create_disk/web-0", "size_mib": 10, "cloud": "", "hint": hint}


def test_a_state_reads_back_with_its_agents_addresses() -> None:
    assert state_document.decode(_saved()) == _STATE


def test_of_version_1_vms_are_reached_by_ssh_the_only_cloud_has_no_name_and_a_detached_disk_no_hint() -> None:
    vm = _old_vm("ssh-ed25519 k")
    disk = _old_disk("")
    instances: list[JsonValue] = [{"id": "i-1", "group": "web", "index": 0, "vm": vm, "disk": disk}]
    instances.append({"id": "i-2", "group": "web", "index": 1})
    old = {**_saved(), "version": 1, "instances": instances, "compilers": {"compiler-1": vm}}
    assert state_document.decode(old) == _STATE
    assert STATE_VERSION == 2


def test_a_state_saved_before_there_were_named_disks_has_its_disk_and_nothing_else() -> None:
    text = json.dumps(_saved())
    before = text.replace('"named_disks": {}, ', "").replace('"old_named_disks": {}, ', "")
    assert "named_disks" in text
    assert "named_disks" not in before
    assert state_document.decode(json.loads(before)) == _STATE
    assert [record.disks for record in _STATE.instances] == [(_DISK,), ()]


def test_an_az_without_a_name_and_an_unknown_host_key_are_none() -> None:
    saved = _saved()
    instances = [{**each, "az": ""} for each in saved["instances"]]  # type: ignore[union-attr, dict-item]
    assert state_document.decode({**saved, "instances": instances}) == _STATE
    old = state_document.decode({**saved, "version": 1, "instances": [], "compilers": {"c": _old_vm("")}})
    assert (old.compilers["c"].host_key, old.compilers["c"].agent) == (None, SshAddress(host="10.0.0.5"))


def test_an_open_address_of_an_earlier_version_is_none_and_makes_no_other_vm() -> None:
    saved = _saved()
    text = json.dumps(saved).replace('"ip": "10.0.0.5"', '"ip": ""')
    (instance, *_) = state_document.decode(json.loads(text)).instances
    assert instance.vm is not None
    (_, network) = instance.vm.networks
    assert network.ip is None
    assert vm_requests.network_facts(network)["ip"] == "", "what is compared with the record stays as it was"  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    "damage", [{"instances": 3}, {"compilers": []}, {"instances": [3]}, {"compilers": {"c": {"host_key": "k"}}}]
)
def test_a_damaged_state_of_version_1_is_refused(damage: dict[str, JsonValue]) -> None:
    with pytest.raises(ValueError, match=r"expected|lacks"):
        state_document.decode({**_saved(), "version": 1, **damage})
