"""What every cloud promises of the images that templates add: made of what the cloud has, used, and deleted alone."""

from dataclasses import replace

import pytest

from cpi.contract.errors import CloudError
from cpi.contract.landing_parts import ImageOrigin, ImageSource, ImageSpec
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    FoundStemcell,
    LandingSpec,
    OwnerQuery,
    PreflightRequest,
    StemcellRequest,
)
from tests.contract.cloud.subjects import ENVIRONMENT, Subject

OS, VERSION = "image-golden", "3f0a"
ORIGINS: tuple[ImageOrigin, ...] = ("image", "blob", "snapshot", "disk", "vm")
GONE: dict[ImageOrigin, str] = {"snapshot": "snapshot", "disk": "disk", "vm": "VM"}


@pytest.mark.parametrize("origin", ORIGINS)
def test_an_image_is_made_once_used_and_deleted_without_what_it_is_made_of(
    subject: Subject, origin: ImageOrigin
) -> None:
    cloud, source = subject.connected.cloud, _source(subject, origin)
    if _is_refused(subject, source):
        return
    before, request = subject.held(), _request(subject, source)
    assert _preflight(subject, request) == []
    cid = cloud.create_stemcell(request)
    assert cloud.create_stemcell(request) == cid
    about = cloud.info()
    assert _found(subject) == [
        FoundStemcell(cid=cid, owner=request.owner, os=OS, version=VERSION, architecture=about.architecture)
    ]
    vm = cloud.create_vm(replace(subject.vm_request("user", last=20), stemcell_cid=cid)).cid
    assert cloud.has_vm(vm)
    cloud.delete_vm(vm)
    cloud.delete_stemcell(cid)
    cloud.delete_stemcell(cid)
    assert (_found(subject), subject.held()) == ([], before)


@pytest.mark.parametrize("origin", GONE)
def test_what_an_image_is_made_of_is_looked_for_before_anything_is_made(subject: Subject, origin: ImageOrigin) -> None:
    cloud, source = subject.connected.cloud, _source(subject, origin)
    if _is_refused(subject, source):
        return
    for snapshot in subject.finder.find_snapshots(OwnerQuery(environment=ENVIRONMENT)):
        cloud.delete_snapshot(snapshot.cid)
    for vm in subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT)):
        cloud.delete_vm(vm.created.cid)
    for disk in subject.finder.find_disks(OwnerQuery(environment=ENVIRONMENT)):
        cloud.delete_disk(disk.cid)
    request = _request(subject, source)
    assert _preflight(subject, request) == ["unknown-image-source"]
    with pytest.raises(CloudError) as raised:
        cloud.create_stemcell(request)
    assert (raised.value.code, _found(subject)) == ("unknown-image-source", [])


@pytest.mark.parametrize("origin", ORIGINS)
def test_what_is_named_as_nothing_there_is_a_finding(subject: Subject, origin: ImageOrigin) -> None:
    codes = _findings(subject, ImageSource(origin=origin, place="/no such/thing"))
    assert codes in (["landing-part-invalid"], ["landing-part-refused"])


def test_a_url_that_may_hold_a_secret_is_a_finding(subject: Subject) -> None:
    codes = _findings(subject, ImageSource(origin="blob", place="https://blobs.example/a.vhd?sig=c2lnbmVk"))
    assert codes in (["landing-part-invalid"], ["landing-part-refused"])


def _source(subject: Subject, origin: ImageOrigin) -> ImageSource:
    cloud = subject.connected.cloud
    match origin:
        case "image":
            place = subject.cloud_image
        case "blob":
            place = "https://blobs.example/vhds/golden.vhd"
        case "vm":
            place = cloud.create_vm(subject.vm_request("origin")).cid
            subject.generalize(place)
        case "disk" | "snapshot":
            place = cloud.create_disk(subject.disk_request("origin"))
            if origin == "snapshot":
                place = cloud.snapshot_disk(place, subject.owner("snapshot"))
    if not place:
        pytest.skip("the test cloud has no image to name")
    return ImageSource(origin=origin, place=place)


def _findings(subject: Subject, source: ImageSource) -> list[str]:
    image = ImageSpec(name="golden", os=OS, version=VERSION, source=source)
    spec = LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=("jumpbox",), images=(image,))
    return [one.finding.code for one in subject.landing.part_findings(spec) if one.finding.is_fatal]


def _is_refused(subject: Subject, source: ImageSource) -> bool:
    codes = _findings(subject, source)
    assert codes in ([], ["landing-part-refused"])
    return bool(codes)


def _request(subject: Subject, source: ImageSource) -> StemcellRequest:
    return StemcellRequest(
        owner=subject.owner("create_stemcell-golden", ENVIRONMENT_ITSELF),
        os=OS,
        version=VERSION,
        cloud_properties={"architecture": subject.connected.cloud.info().architecture},
        source=source,
    )


def _preflight(subject: Subject, request: StemcellRequest) -> list[str]:
    assert subject.connected.preflight is not None
    found = subject.connected.preflight.preflight(PreflightRequest(stemcells=(request,)))
    return [one.code for one in found if one.is_fatal]


def _found(subject: Subject) -> list[FoundStemcell]:
    found = subject.finder.find_stemcells(OwnerQuery(environment=ENVIRONMENT))
    return [one for one in found if one.os == OS]
