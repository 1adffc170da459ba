"""What every cloud promises that takes images: a heavy stemcell is sent, used, and taken away without a rest."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.errors import CloudError
from director.actions.create_stemcell import CreateStemcell
from director.edge.downloads.downloads import DownloadSettings
from director.edge.releases.stemcell_tarballs import LocalStemcellTarballs
from director.model.cloud_names import ONLY_CLOUD
from director.model.ids import EnvironmentName, RunId
from director.model.releases.stemcell_tarball import StemcellPlace
from director.plan import front as planning
from director.plan.environments.stemcells import WantedStemcell
from director.plan.request import EnvironmentRequest
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support import disk_images, heavy
from tests.support.stemcell_tarballs import write_stemcell


def test_an_image_is_sent_used_and_deleted_without_a_rest(subject: Subject, tmp_path: Path) -> None:
    cloud, before = subject.connected.cloud, subject.held()
    request = heavy.request_of(ENVIRONMENT, _image(subject)(tmp_path))
    cid = cloud.create_stemcell(request)
    found = [one for one in heavy.found(subject.connected, ENVIRONMENT) if one.cid == cid]
    assert found == [heavy.whole(cid, request.owner)]
    vm = cloud.create_vm(replace(subject.vm_request("a1"), stemcell_cid=cid)).cid
    assert cloud.has_vm(vm)
    cloud.delete_vm(vm)
    assert set(subject.held()) > set(before)
    cloud.delete_stemcell(cid)
    cloud.delete_stemcell(cid)
    assert (subject.held(), heavy.found(subject.connected, ENVIRONMENT)) == (before, [])


def test_sending_twice_with_one_owner_gives_the_same_once(subject: Subject, tmp_path: Path) -> None:
    cloud = subject.connected.cloud
    request = heavy.request_of(ENVIRONMENT, _image(subject)(tmp_path))
    first = cloud.create_stemcell(request)
    held = subject.held()
    assert (cloud.create_stemcell(request), subject.held()) == (first, held)


def test_an_image_comes_in_an_archive_as_boshs_cpis_get_it(subject: Subject, tmp_path: Path) -> None:
    path = _image(subject)(tmp_path)
    name = "root.vhd" if path.suffix == ".vhd" else "root.img"
    cid = subject.connected.cloud.create_stemcell(heavy.request_of(ENVIRONMENT, disk_images.pack(path, name=name)))
    assert [one.is_whole for one in heavy.found(subject.connected, ENVIRONMENT) if one.cid == cid] == [True]


@pytest.mark.parametrize("content", [b"no disk at all" * 100, b"KDMV" + bytes(600)])
def test_what_is_no_such_disk_is_refused_before_anything_is_made(
    subject: Subject, tmp_path: Path, content: bytes
) -> None:
    _image(subject)
    before, path = subject.held(), tmp_path / "wrong"
    path.write_bytes(content)
    with pytest.raises(CloudError) as raised:
        subject.connected.cloud.create_stemcell(heavy.request_of(ENVIRONMENT, path))
    assert (raised.value.code, subject.held()) == ("image-format-wrong", before)


def _image(subject: Subject) -> Callable[[Path], Path]:
    if subject.image is None:
        pytest.skip("the cloud takes no images")
    return subject.image


def test_an_uploaded_tarball_is_what_the_cloud_gets_and_nothing_stays_on_this_machine(
    subject: Subject, tmp_path: Path
) -> None:
    """The whole way of `upload-stemcell`: tarball, image, the planned request, the cloud."""
    disk = _image(subject)(tmp_path)
    image = disk_images.pack(disk, name="root.vhd" if disk.suffix == ".vhd" else "root.img").read_bytes()
    properties = {"disk_format": "raw", "architecture": "x86_64", "infrastructure": "x", "hypervisor": "y"}
    path = write_stemcell(tmp_path, image, stemcell_formats=None, cloud_properties=properties)
    home = tmp_path / "home"
    with LocalStemcellTarballs(home, DownloadSettings()).unpack(StemcellPlace(place=str(path), base="/")) as unpacked:
        wanted = WantedStemcell(
            cloud=ONLY_CLOUD,
            name=heavy.OS,
            version=heavy.VERSION,
            os=heavy.OS,
            properties=properties,
            image_path=unpacked.image_path,
        )
        asked = EnvironmentRequest(run=RunId("r"), environment=EnvironmentName(ENVIRONMENT))
        work = planning.make_upload_plan(asked, [wanted]).actions[0].work
        assert isinstance(work, CreateStemcell)
        cid = subject.connected.cloud.create_stemcell(work.request)
    found = heavy.found(subject.connected, ENVIRONMENT)
    assert [(one.cid, one.owner, one.is_whole) for one in found] == [(cid, work.request.owner, True)]
    assert not list((home / "work").iterdir())
    subject.connected.cloud.delete_stemcell(cid)
    assert heavy.found(subject.connected, ENVIRONMENT) == []
