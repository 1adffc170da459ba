"""Images of templates on AWS: made once where an answer was lost, of the system disk alone, deleted with snapshots."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cpi.clouds.aws.wire import permissions
from cpi.contract.errors import LostReplyError
from cpi.contract.landing_parts import ImageSource
from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerQuery, PreflightRequest, StemcellRequest
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.aws import back, shared
from tests.support.aws.emulator import Emulator
from tests.support.aws.faults import Rule, Trouble


@pytest.fixture(name="emulator")
def _emulator() -> Iterator[Emulator]:
    emulator = shared.fresh_emulator()
    yield emulator
    emulator.faults.clear()
    emulator.account.denied.clear()


@pytest.fixture(name="subject")
def _subject(emulator: Emulator) -> Subject:
    return replace(prepare(shared.connect(emulator, ENVIRONMENT)), vm_properties={"instance_type": "t3.micro"})


def _request(subject: Subject, source: ImageSource) -> StemcellRequest:
    owner = subject.owner("create_stemcell-golden", ENVIRONMENT_ITSELF)
    return StemcellRequest(owner=owner, os="image-golden", version="1", source=source)


def _of_vm(subject: Subject) -> StemcellRequest:
    vm = subject.connected.cloud.create_vm(subject.vm_request("origin")).cid
    disk = subject.connected.cloud.create_disk(replace(subject.disk_request("data"), vm_cid=vm))
    subject.connected.cloud.attach_disk(vm, disk)
    return _request(subject, ImageSource(origin="vm", place=vm))


def _of_snapshot(subject: Subject) -> StemcellRequest:
    disk = subject.connected.cloud.create_disk(subject.disk_request("origin"))
    place = subject.connected.cloud.snapshot_disk(disk, subject.owner("snapshot"))
    return _request(subject, ImageSource(origin="snapshot", place=place))


@pytest.mark.parametrize(("make", "action"), [(_of_vm, "CreateImage"), (_of_snapshot, "RegisterImage")])
def test_a_lost_answer_makes_no_second_image(emulator: Emulator, make: object, action: str) -> None:
    subject = replace(prepare(shared.connect(emulator, ENVIRONMENT)), vm_properties={"instance_type": "t3.micro"})
    request = _of_vm(subject) if make is _of_vm else _of_snapshot(subject)
    before = shared.held_images(emulator)
    emulator.faults.add(Rule(action=action, trouble=Trouble.LOST_AFTER))
    with pytest.raises(LostReplyError):
        subject.connected.cloud.create_stemcell(request)
    cid = subject.connected.cloud.create_stemcell(request)
    found = subject.finder.find_stemcells(OwnerQuery(environment=ENVIRONMENT))
    assert [one.cid for one in found if one.os == "image-golden"] == [cid]
    subject.connected.cloud.delete_stemcell(cid)
    assert shared.held_images(emulator) == before


def test_the_other_disks_of_a_vm_are_left_out_and_it_is_not_stopped(emulator: Emulator, subject: Subject) -> None:
    subject.connected.cloud.create_stemcell(_of_vm(subject))
    (call,) = [one for one in emulator.front.log if one.action == "CreateImage"]
    assert call.get("NoReboot") == "true"
    devices = {value for name, value in call.parameters.items() if name.endswith(".DeviceName")}
    assert len(devices) == 1
    assert "BlockDeviceMapping.1.NoDevice" in call.parameters


def test_a_snapshot_without_its_image_is_found_and_deleted(emulator: Emulator, subject: Subject) -> None:
    """AWS deregistered the image, and the director died before the snapshot was deleted."""
    before = shared.held_images(emulator)
    request = _of_vm(subject)
    whole = shared.held_images(emulator)
    cid = subject.connected.cloud.create_stemcell(request)
    back.ec2().deregister_image(cid.rpartition(":")[2])
    (left,) = [one for one in subject.finder.find_stemcells(OwnerQuery(environment=ENVIRONMENT)) if not one.is_whole]
    subject.connected.cloud.delete_stemcell(left.cid)
    assert shared.held_images(emulator) == whole
    assert len(whole) > len(before)


@pytest.mark.parametrize("origin", permissions.MAKING_ACTIONS)
def test_what_a_login_may_not_do_is_found_before(emulator: Emulator, subject: Subject, origin: str) -> None:
    request = _of_vm(subject) if origin == "vm" else _of_snapshot(subject)
    emulator.account.denied.add("ec2:DeregisterImage")
    assert subject.connected.preflight is not None
    found = subject.connected.preflight.preflight(PreflightRequest(stemcells=(request,)))
    assert [one.code for one in found if one.is_fatal] == ["permissions-missing"]
