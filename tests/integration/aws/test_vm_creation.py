"""VMs are created and deleted while AWS is slow, forgetful or refuses; moto shows the expected end of each."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cpi.contract.errors import CloudError, ConflictError, LostReplyError, NoCapacityError, Retry, TransientError
from cpi.contract.values import JsonValue, NetworkKind, NetworkSettings, OwnerQuery, VmRequest
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support.aws import back
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule, Trouble
from tests.unit.cpi import agents


def _addressed(subject: Subject, action: str, *, last: int = 10) -> VmRequest:
    landed = subject.landing.find_landing_resources(ENVIRONMENT)
    ip = next(one.outputs["jumpbox_public_ip"] for one in landed if one.name == "jumpbox")
    request = subject.vm_request(action, last=last)
    return replace(request, networks=(*request.networks, NetworkSettings(name="public", kind=NetworkKind.VIP, ip=ip)))


def _instances(emulator: Emulator) -> list[str]:
    return [held.id for held in emulator.inventory() if held.kind == "instance"]


def test_a_vm_costs_one_call_once_the_places_are_known(landed: Subject, emulator: Emulator) -> None:
    landed.connected.cloud.create_vm(landed.vm_request("a1", last=10))
    emulator.front.log.clear()
    landed.connected.cloud.create_vm(landed.vm_request("a2", last=11))
    assert emulator.calls() == ["RunInstances"]


def test_a_vm_and_its_parts_carry_the_owner_key(landed: Subject, emulator: Emulator) -> None:
    landed.connected.cloud.create_vm(landed.vm_request("a1"))
    tags = {held.kind: held.tags for held in emulator.inventory() if held.kind in ("instance", "volume")}
    assert {kind: tag["compleat-action"] for kind, tag in tags.items()} == {"instance": "a1", "volume": "a1"}
    (volume,) = back.ec2().volumes.values()
    assert volume.encrypted is True


def test_a_public_address_waits_for_its_vm_and_the_same_call_goes_on(landed: Subject, emulator: Emulator) -> None:
    request = _addressed(landed, "a1")
    emulator.front.pending_reads = 3
    for _ in range(2):
        with pytest.raises(TransientError) as raised:
            landed.connected.cloud.create_vm(request)
        assert raised.value.code == "not-ready-yet"
    created = landed.connected.cloud.create_vm(request)
    assert len(_instances(emulator)) == 1
    (found,) = landed.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    assert found.created == created
    assert [network.name for network in created.networks] == ["main", "public"]


def test_a_vm_whose_public_address_is_not_on_it_yet_is_found_without_it(landed: Subject, emulator: Emulator) -> None:
    emulator.front.pending_reads = 100
    with pytest.raises(TransientError):
        landed.connected.cloud.create_vm(_addressed(landed, "a1"))
    (found,) = landed.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    assert [network.name for network in found.created.networks] == ["main"]


def test_a_public_address_in_use_is_refused_before_anything_is_made(landed: Subject, emulator: Emulator) -> None:
    landed.connected.cloud.create_vm(_addressed(landed, "a1"))
    with pytest.raises(ConflictError) as raised:
        landed.connected.cloud.create_vm(_addressed(landed, "a2", last=11))
    assert raised.value.code == "address-taken"
    assert len(_instances(emulator)) == 1


@pytest.mark.parametrize("kind", [NetworkKind.MANUAL, NetworkKind.DYNAMIC])
@pytest.mark.parametrize("trouble", [Trouble.LOST_AFTER, Trouble.RESET])
def test_a_lost_reply_is_said_to_be_one_and_the_repetition_makes_no_twin(
    landed: Subject, emulator: Emulator, trouble: Trouble, kind: NetworkKind
) -> None:
    emulator.faults.add(Rule(action="RunInstances", trouble=trouble))
    with pytest.raises(LostReplyError):
        landed.connected.cloud.create_vm(landed.vm_request("a1", kind=kind))
    created = landed.connected.cloud.create_vm(landed.vm_request("a1", kind=kind))
    assert _instances(emulator) == [created.cid]


def test_a_token_that_aws_takes_for_another_request_gives_what_it_made(landed: Subject, emulator: Emulator) -> None:
    first = landed.connected.cloud.create_vm(landed.vm_request("a1"))
    changed = replace(landed.vm_request("a1"), tags={"deployment": "app", "more": "of them"})
    assert landed.connected.cloud.create_vm(changed).cid == first.cid
    disk = landed.connected.cloud.create_disk(landed.disk_request("d1"))
    larger = landed.disk_request("d1", size_mib=2048)
    assert landed.connected.cloud.create_disk(larger) == disk
    assert len(_instances(emulator)) == 1


def test_an_address_whose_vm_is_being_terminated_is_waited_for(landed: Subject, emulator: Emulator) -> None:
    cid = landed.connected.cloud.create_vm(landed.vm_request("a1")).cid
    instance = back.instance(emulator.region, cid)
    instance._state.name, instance._state.code = "shutting-down", 32
    with pytest.raises(TransientError) as raised:
        landed.connected.cloud.create_vm(landed.vm_request("a2"))
    assert raised.value.code == "address-not-free-yet"
    landed.connected.cloud.delete_vm(cid)
    landed.connected.cloud.create_vm(landed.vm_request("a2"))


def test_an_address_that_is_taken_is_told_with_its_holder(landed: Subject) -> None:
    cid = landed.connected.cloud.create_vm(landed.vm_request("a1")).cid
    with pytest.raises(ConflictError) as raised:
        landed.connected.cloud.create_vm(landed.vm_request("a2"))
    assert (raised.value.code, cid in raised.value.why) == ("address-taken", True)


def test_spot_falls_back_to_on_demand_only_where_that_is_allowed(landed: Subject, emulator: Emulator) -> None:
    spot: dict[str, JsonValue] = {"instance_type": "t3.micro", "spot_bid_price": 0.01}
    rule = Rule(action="RunInstances", times=1, code="InsufficientInstanceCapacity", status=500)
    emulator.faults.add(rule)
    with pytest.raises(NoCapacityError):
        landed.connected.cloud.create_vm(replace(landed.vm_request("a1"), cloud_properties=spot))
    rule.times = 1
    kept = {**spot, "spot_ondemand_fallback": True}
    request = replace(landed.vm_request("a2"), cloud_properties=kept)
    first = landed.connected.cloud.create_vm(request)
    lifecycles = {one.id: getattr(one, "lifecycle", None) for one in back.instances()}
    assert lifecycles == {first.cid: None}


def test_a_vm_that_aws_ends_at_birth_is_told_with_its_reason(landed: Subject, emulator: Emulator) -> None:
    created = landed.connected.cloud.create_vm(landed.vm_request("a1"))
    assert landed.connected.cloud.has_vm(created.cid)
    emulator.vanish(created.cid)
    assert not landed.connected.cloud.has_vm(created.cid)
    assert landed.finder.find_vms(OwnerQuery(environment=ENVIRONMENT)) == ()


def test_what_was_made_a_moment_ago_is_not_gone(landed: Subject, emulator: Emulator) -> None:
    """AWS may not show it yet: no deletion that "succeeds", no VM that "does not exist"."""
    cloud = landed.connected.cloud
    cloud.create_vm(landed.vm_request("a0", last=9))
    emulator.front.absences.reads = 40
    vm, disk = cloud.create_vm(landed.vm_request("a1")).cid, cloud.create_disk(landed.disk_request("d1"))
    assert cloud.has_vm(vm) and cloud.has_disk(disk)
    for call in (
        lambda: cloud.delete_vm(vm),
        lambda: cloud.attach_disk(vm, disk),
        lambda: cloud.delete_disk(disk),
        lambda: cloud.set_vm_metadata(vm, {"a": "b"}),
    ):
        with pytest.raises(TransientError) as raised:
            call()
        assert raised.value.code == "not-visible-yet"
    emulator.front.absences.hidden.clear()
    cloud.attach_disk(vm, disk)
    assert cloud.get_disks(vm) == (disk,)


def test_a_disk_waits_for_its_vm_and_another_zone_is_a_conflict(landed: Subject, emulator: Emulator) -> None:
    cloud = landed.connected.cloud
    emulator.front.pending_reads = 6
    vm, disk = cloud.create_vm(landed.vm_request("a1")).cid, cloud.create_disk(landed.disk_request("d1"))
    with pytest.raises(TransientError):
        cloud.attach_disk(vm, disk)
    emulator.front._pending.clear()
    back.instance(emulator.region, vm)._state.name = "running"
    elsewhere = replace(landed.disk_request("d2"), cloud_properties={"availability_zone": "us-east-1b"})
    with pytest.raises(ConflictError) as raised:
        cloud.attach_disk(vm, cloud.create_disk(elsewhere))
    assert raised.value.code == "disk-in-other-zone"


def test_a_disk_on_its_way_off_is_waited_for(landed: Subject, emulator: Emulator) -> None:
    cloud = landed.connected.cloud
    vm, disk = cloud.create_vm(landed.vm_request("a1")).cid, cloud.create_disk(landed.disk_request("d1"))
    cloud.attach_disk(vm, disk)
    back.ec2().volumes[disk].attachment.status = "detaching"
    calls: tuple[Callable[[], None], ...] = (lambda: cloud.delete_disk(disk), lambda: cloud.resize_disk(disk, 2048))
    for call in calls:
        with pytest.raises(TransientError) as raised:
            call()
        assert raised.value.code == "disk-still-detaching"


def test_a_disk_is_attached_when_its_vm_sees_it(landed: Subject) -> None:
    """A guest waits half a minute for a disk; AWS may need longer."""
    cloud = landed.connected.cloud
    vm, disk = cloud.create_vm(landed.vm_request("a1")).cid, cloud.create_disk(landed.disk_request("d1"))
    hint = cloud.attach_disk(vm, disk)
    back.ec2().volumes[disk].attachment.status = "attaching"
    with pytest.raises(TransientError) as raised:
        cloud.attach_disk(vm, disk)
    assert raised.value.code == "disk-still-attaching"
    back.ec2().volumes[disk].attachment.status = "attached"
    assert cloud.attach_disk(vm, disk) == hint


def test_a_disk_is_made_near_its_vm(landed: Subject) -> None:
    last_zone = replace(
        landed.vm_request("a1"), networks=(replace(landed.vm_request("a").networks[0], ip="10.9.0.140"),)
    )
    vm = landed.connected.cloud.create_vm(last_zone).cid
    disk = landed.connected.cloud.create_disk(replace(landed.disk_request("d1"), vm_cid=vm))
    assert back.ec2().volumes[disk].availability_zone == "us-east-1c"
    landed.connected.cloud.attach_disk(vm, disk)


def test_a_subnet_that_is_full_is_told(landed: Subject, emulator: Emulator) -> None:
    rule = Rule(action="RunInstances", code="InsufficientFreeAddressesInSubnet", status=400)
    emulator.faults.add(rule)
    with pytest.raises(NoCapacityError) as raised:
        landed.connected.cloud.create_vm(landed.vm_request("a1", kind=NetworkKind.DYNAMIC))
    assert raised.value.code == "subnet-full"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"instance_type": "t3.gigantic"}, "request-refused"),
        ({"instance_type": "t3.micro", "key_name": "nobodys"}, "not-found"),
        ({"instance_type": "t4g.micro"}, "request-refused"),
        ({"instance_type": "t3.micro", "availability_zone": "us-east-1b"}, "zones-differ"),
        ({"instance_type": "t3.micro", "security_groups": ["nobodys"]}, "unknown-security-group"),
        ({"instance_type": "t3.micro", "security_groups": ["sg-0123456789abcdef0"]}, "unknown-security-group"),
        ({}, "instance-type-missing"),
    ],
)
def test_what_cannot_be_makes_nothing(
    landed: Subject, emulator: Emulator, properties: dict[str, str], code: str
) -> None:
    with pytest.raises(CloudError) as raised:
        landed.connected.cloud.create_vm(replace(landed.vm_request("a1"), cloud_properties=properties))
    assert raised.value.code == code
    assert _instances(emulator) == []


def _with_profile(subject: Subject) -> VmRequest:
    request = subject.vm_request("a1")
    return replace(request, cloud_properties={**request.cloud_properties, "iam_instance_profile": "workers"})


@pytest.mark.parametrize("age_s", [0.0, 540.0], ids=["made now", "made 9 minutes ago"])
def test_a_vm_waits_for_an_instance_profile_that_ec2_has_not_heard_of_yet(
    landed: Subject, emulator: Emulator, age_s: float
) -> None:
    back.add_profile("workers", age_s=age_s)
    emulator.front.slow_profiles = 2
    for _ in range(2):
        with pytest.raises(TransientError) as raised:
            landed.connected.cloud.create_vm(_with_profile(landed))
        assert raised.value.code == "not-visible-yet"
        assert "Invalid IAM Instance Profile name" in raised.value.why
    landed.connected.cloud.create_vm(_with_profile(landed))
    assert len(_instances(emulator)) == 1


@pytest.mark.parametrize("age_s", [None, 660.0], ids=["never made", "made 11 minutes ago"])
def test_an_instance_profile_that_is_wrong_is_not_waited_for(
    landed: Subject, emulator: Emulator, age_s: float | None
) -> None:
    if age_s is not None:
        back.add_profile("workers", age_s=age_s)
        emulator.front.slow_profiles = 1
    with pytest.raises(CloudError) as raised:
        landed.connected.cloud.create_vm(_with_profile(landed))
    assert (raised.value.code, raised.value.retry) == ("request-refused", Retry.NEVER)
    assert _instances(emulator) == []


def test_a_bosh_agents_vm_on_instance_storage_needs_a_type_that_has_some(landed: Subject, emulator: Emulator) -> None:
    own = {"use_instance_storage": True}
    for kind, is_born in (("t3.micro", False), ("m5d.large", True)):
        properties: dict[str, JsonValue] = {"instance_type": kind, "ephemeral_disk": own}
        request = agents.with_agent(replace(landed.vm_request("a1"), cloud_properties=properties))
        if is_born:
            landed.connected.cloud.create_vm(request)
        else:
            with pytest.raises(CloudError, match="instance-storage-missing"):
                landed.connected.cloud.create_vm(request)
        assert len(_instances(emulator)) == is_born
