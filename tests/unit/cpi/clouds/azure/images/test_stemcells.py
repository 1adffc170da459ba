"""Images as stemcells: the CID of an image, and how it is read."""

import pytest

from cpi.clouds.azure.images import stemcells
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.values import FoundStemcell, JsonValue, StemcellCid, StemcellRequest
from cpi.kit.disk_image import DiskImage, Format
from tests.unit.cpi.clouds.azure import requests

IMAGE = stemcells.read_image("Debian:debian-12:12-gen2:0.2025.1")


def _request(**cloud_properties: JsonValue) -> StemcellRequest:
    return StemcellRequest(owner=requests.OWNER, os="debian-12", version="1", cloud_properties=cloud_properties)


def test_what_stands_for_a_stemcell_is_sent_whole_and_read_back() -> None:
    sent = stemcells.render_stemcell(_request(), IMAGE, architecture="arm64", location="westeurope")
    assert sent == {
        "location": "westeurope",
        "tags": {
            "compleat-image": "Debian:debian-12:12-gen2:0.2025.1",
            "compleat-os": "debian-12",
            "compleat-version": "1",
            "compleat-architecture": "arm64",
            **requests.OWNER_TAGS,
        },
        "sku": {"name": "Aligned"},
        "properties": {"platformUpdateDomainCount": 1, "platformFaultDomainCount": 1},
    }
    found = stemcells.read_found({**sent, "name": "set"})
    assert found == FoundStemcell(
        cid=StemcellCid("set/Debian:debian-12:12-gen2:0.2025.1"),
        owner=requests.OWNER,
        os="debian-12",
        version="1",
        architecture="arm64",
    )
    assert found is not None and stemcells.read_cid(found.cid) == ("set", IMAGE)


def test_an_image_is_named_in_three_ways() -> None:
    settings = requests.settings()

    def named(**properties: JsonValue) -> stemcells.ImageReference:
        return stemcells.image_of(stemcells.read_stemcell(_request(**properties)), settings)

    assert str(named(image={"publisher": "P", "offer": "o", "sku": "s"})) == "P:o:s:latest"
    assert named(image_id="/x/images/i").body() == {"id": "/x/images/i"}
    assert str(named()) == settings.default_image


@pytest.mark.parametrize(
    ("image", "reported"),
    [
        ("Debian:debian-12:12-gen2:latest", ("debian", "12", "x86_64")),
        ("Debian:debian-13:13-arm64:latest", ("debian", "13", "arm64")),
        ("Debian:debian-12:12-gen2:0.20250316.2053", ("debian", "0.20250316.2053", "x86_64")),
        ("Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:latest", ("ubuntu", "22.04", "x86_64")),
        ("Canonical:ubuntu-24_04-lts:server-arm64:latest", ("ubuntu", "24.04", "arm64")),
        ("Oracle:Oracle-Linux:9-lvm-gen2:latest", ("Oracle-Linux", "9", "x86_64")),
        ("/subscriptions/s/images/own", ("image", "1", "x86_64")),
    ],
)
def test_the_environments_own_stemcell_is_called_as_on_other_clouds(image: str, reported: tuple[str, str, str]) -> None:
    assert stemcells.describe_default(requests.settings(default_image=image)) == reported


def test_a_disk_is_sent_and_an_image_made_of_it_whole() -> None:
    labels = {"compleat-os": "debian-12", "compleat-version": "1", "compleat-architecture": "x86_64"}
    labels |= requests.OWNER_TAGS
    made = stemcells.Made(location="westeurope", generation="gen2")
    image = DiskImage(path="/disk.vhd", format=Format.VHD, size=1_049_088, sha256="abc")
    assert stemcells.render_upload(_request(), image, made) == {
        "location": "westeurope",
        "tags": {**labels, "compleat-digest": "abc"},
        "sku": {"name": "Standard_LRS"},
        "properties": {
            "osType": "Linux",
            "hyperVGeneration": "V2",
            "creationData": {"createOption": "Upload", "uploadSizeBytes": 1_049_088},
        },
    }
    assert stemcells.render_image(_request(), "/x/disks/d", made) == {
        "location": "westeurope",
        "tags": labels,
        "properties": {
            "hyperVGeneration": "V2",
            "storageProfile": {
                "osDisk": {"osType": "Linux", "osState": "Generalized", "managedDisk": {"id": "/x/disks/d"}}
            },
        },
    }


@pytest.mark.parametrize("text", ["debian", "a:b:c", "a::c:d", "a:b:c:d:e"])
def test_a_name_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CloudError) as raised:
        stemcells.read_image(text)
    assert raised.value.code == "image-name-invalid"


def test_the_newest_version_is_the_highest_by_number() -> None:
    listed = ({"name": "0.9.1"}, {"name": "0.20250316.2053"}, {"name": "0.20240717.1811"})
    assert stemcells.newest(listed, IMAGE) == "0.20250316.2053"
    with pytest.raises(NotFoundError):
        stemcells.newest((), IMAGE)


def test_a_cid_of_no_stemcell_is_refused() -> None:
    with pytest.raises(CloudError) as raised:
        stemcells.read_cid(StemcellCid("bosh-stemcell-2f0c1a2e-0000-0000-0000-000000000000"))
    assert raised.value.code == "foreign-cid"
