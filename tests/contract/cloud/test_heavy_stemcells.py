"""What every cloud promises that takes images: a heavy stemcell is sent, used, and taken away without a rest."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.errors import CloudError
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support import disk_images, heavy


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
