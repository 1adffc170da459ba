"""What every cloud promises of VMs."""

from dataclasses import replace

import pytest

from cpi.contract.errors import CloudError, ConflictError, NotFoundError
from cpi.contract.values import FoundVm, NetworkKind, NetworkSettings, OwnerQuery, StemcellCid, VmCid, VmState
from tests.contract.cloud.subjects import ENVIRONMENT, Subject

NO_VM = VmCid("vm-that-never-was")


def test_a_vm_has_the_address_it_was_asked_for_and_is_found_by_its_owner(subject: Subject) -> None:
    request = subject.vm_request("a1")
    created = subject.connected.cloud.create_vm(request)
    assert [(network.name, network.ip) for network in created.networks] == [("main", f"{subject.prefix}10")]
    found = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT, deployment="app"))
    assert [(vm.created, vm.owner, vm.state, vm.disk_cids) for vm in found] == [
        (created, request.owner, VmState.RUNNING, ())
    ]
    assert found[0].tags["deployment"] == "app"


def test_creating_twice_with_one_owner_gives_the_same_vm_once(subject: Subject) -> None:
    cloud = subject.connected.cloud
    first = cloud.create_vm(subject.vm_request("a1"))
    assert cloud.create_vm(subject.vm_request("a1")) == first
    assert len(_all_vms(subject)) == 1


def test_a_dynamic_address_is_filled_in(subject: Subject) -> None:
    created = subject.connected.cloud.create_vm(subject.vm_request("a1", kind=NetworkKind.DYNAMIC))
    assert (created.networks[0].ip or "").startswith(subject.prefix)


def test_an_address_that_is_taken_is_a_conflict_and_makes_nothing(subject: Subject) -> None:
    subject.connected.cloud.create_vm(subject.vm_request("a1"))
    with pytest.raises(ConflictError):
        subject.connected.cloud.create_vm(subject.vm_request("a2"))
    assert len(_all_vms(subject)) == 1


def test_an_address_outside_its_network_is_refused(subject: Subject) -> None:
    request = subject.vm_request("a1")
    outside = replace(request, networks=(replace(request.networks[0], ip="10.200.0.5"),))
    with pytest.raises(CloudError):
        subject.connected.cloud.create_vm(outside)
    assert _all_vms(subject) == ()


def test_an_unknown_stemcell_or_network_is_not_found(subject: Subject) -> None:
    request = subject.vm_request("a1")
    nowhere = replace(request.networks[0], name="nowhere", cloud_properties={"network": "nowhere"})
    for wrong in (replace(request, stemcell_cid=StemcellCid("none")), replace(request, networks=(nowhere,))):
        with pytest.raises(NotFoundError):
            subject.connected.cloud.create_vm(wrong)
    assert _all_vms(subject) == ()


@pytest.mark.parametrize("name", ["Upper", "a_b", "-a", "a" * 64, ""])
def test_a_name_that_is_no_host_name_is_refused(subject: Subject, name: str) -> None:
    with pytest.raises(CloudError):
        subject.connected.cloud.create_vm(replace(subject.vm_request("a1"), name=name))


def test_a_public_address_goes_to_one_vm_at_a_time(subject: Subject) -> None:
    landed = subject.landing.find_landing_resources(ENVIRONMENT)
    address = next(value for one in landed for key, value in one.outputs.items() if key == "jumpbox_public_ip")
    vip = NetworkSettings(name="public", kind=NetworkKind.VIP, ip=address)
    request = subject.vm_request("a1")
    created = subject.connected.cloud.create_vm(replace(request, networks=(*request.networks, vip)))
    assert address in {network.ip for network in created.networks}
    second = subject.vm_request("a2", last=11)
    with pytest.raises(ConflictError):
        subject.connected.cloud.create_vm(replace(second, networks=(*second.networks, vip)))


def test_a_deleted_vm_is_gone_and_deleting_it_again_is_fine(subject: Subject) -> None:
    cloud = subject.connected.cloud
    cid = cloud.create_vm(subject.vm_request("a1")).cid
    assert cloud.has_vm(cid)
    cloud.delete_vm(cid)
    cloud.delete_vm(cid)
    assert not cloud.has_vm(cid)
    assert _all_vms(subject) == ()
    cloud.create_vm(subject.vm_request("a2"))


def test_asking_of_a_vm_that_is_not_there_is_not_found(subject: Subject) -> None:
    cloud = subject.connected.cloud
    assert not cloud.has_vm(NO_VM)
    for ask in (lambda: cloud.get_disks(NO_VM), lambda: cloud.reboot_vm(NO_VM)):
        with pytest.raises(NotFoundError):
            ask()
    with pytest.raises(NotFoundError):
        cloud.set_vm_metadata(NO_VM, {"a": "b"})


def test_tags_are_put_beside_the_owner(subject: Subject) -> None:
    cloud = subject.connected.cloud
    request = subject.vm_request("a1")
    cid = cloud.create_vm(request).cid
    cloud.set_vm_metadata(cid, {"job": "web"})
    found = _all_vms(subject)[0]
    assert (found.owner, found.tags["job"], found.tags["deployment"]) == (request.owner, "web", "app")


def test_a_reboot_keeps_vm_disks_and_power(subject: Subject) -> None:
    cloud = subject.connected.cloud
    cid = cloud.create_vm(subject.vm_request("a1")).cid
    cloud.reboot_vm(cid)
    assert _all_vms(subject)[0].state is VmState.RUNNING


def test_a_vm_that_is_stopped_says_so_and_starts_again(subject: Subject) -> None:
    power = subject.connected.power
    if power is None:
        pytest.skip("the cloud cannot stop VMs")
    cid = subject.connected.cloud.create_vm(subject.vm_request("a1")).cid
    power.stop_vm(cid)
    assert _all_vms(subject)[0].state is VmState.STOPPED
    power.start_vm(cid)
    assert _all_vms(subject)[0].state is VmState.RUNNING


def test_only_the_environment_and_deployment_asked_for_are_found(subject: Subject) -> None:
    cloud = subject.connected.cloud
    cloud.create_vm(subject.vm_request("a1"))
    other = replace(subject.vm_request("a2", last=11), owner=subject.owner("a2", deployment="other"))
    cloud.create_vm(other)
    by_query = {
        query: len(subject.finder.find_vms(query))
        for query in (
            OwnerQuery(environment=ENVIRONMENT),
            OwnerQuery(environment=ENVIRONMENT, deployment="app"),
            OwnerQuery(environment=ENVIRONMENT, deployment="none"),
            OwnerQuery(environment="away"),
        )
    }
    assert list(by_query.values()) == [2, 1, 0, 0]


def test_cloud_properties_for_a_size_make_a_vm(subject: Subject) -> None:
    properties = subject.connected.cloud.calculate_vm_cloud_properties(1, 256, 512)
    request = replace(subject.vm_request("a1"), cloud_properties=properties)
    assert subject.connected.cloud.has_vm(subject.connected.cloud.create_vm(request).cid)


def _all_vms(subject: Subject) -> tuple[FoundVm, ...]:
    return subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
