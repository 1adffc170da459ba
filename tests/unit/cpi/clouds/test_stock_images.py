"""Which image is used for an operating system by BOSH's name, on each cloud."""

from typing import Any

import pytest

from cpi.clouds.aws.images.stock_images import AwsStockImages
from cpi.clouds.azure.images.stock_images import AzureStockImages
from cpi.clouds.local.images import host_stemcell
from cpi.clouds.local.images.stock_images import LocalStockImages
from cpi.clouds.openstack.images.stock_images import OpenStackStockImages
from cpi.contract.cloud import StockImages
from cpi.contract.errors import NotSupportedError
from tests.unit.cpi.clouds.aws import requests as aws
from tests.unit.cpi.clouds.azure import requests as azure
from tests.unit.cpi.clouds.openstack import requests as openstack

_SSM = "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id"
_URN = "Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:latest"
_MINE = "Me:hardened:jammy:1.2.3"
_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/i"


def _on(cloud: str, **more: Any) -> StockImages:
    match cloud:
        case "aws":
            return AwsStockImages(aws.config(**more))
        case "azure":
            return AzureStockImages(azure.settings(**more))
        case _:
            return OpenStackStockImages(openstack.settings(**more))


@pytest.mark.parametrize(
    ("cloud", "description", "properties"),
    [
        ("aws", f"the stock image of Ubuntu 22.04 (SSM parameter {_SSM})", {}),
        (
            "azure",
            f"the stock image of Ubuntu 22.04 ({_URN})",
            {"image": dict(zip(("publisher", "offer", "sku", "version"), _URN.split(":"), strict=True))},
        ),
        (
            "openstack",
            "the newest image of Ubuntu 22.04 (os_distro ubuntu, os_version 22.04)",
            {"os_distro": "ubuntu", "os_version": "22.04"},
        ),
    ],
)
def test_jammy_is_the_publisher_s_image_of_22_04(cloud: str, description: str, properties: object) -> None:
    image = _on(cloud).stock_image("ubuntu-jammy")
    assert (image.os, image.version, image.architecture) == ("ubuntu", "22.04", "x86_64")
    assert (image.description, image.cloud_properties) == (description, properties)


@pytest.mark.parametrize(
    ("cloud", "named", "properties"),
    [
        ("aws", "ami-0123", {"image_id": "ami-0123"}),
        ("aws", "/mine/jammy", {"ssm_parameter": "/mine/jammy"}),
        (
            "azure",
            _MINE,
            {"image": {"publisher": "Me", "offer": "hardened", "sku": "jammy", "version": "1.2.3"}},
        ),
        ("azure", _ID, {"image_id": _ID}),
        ("openstack", "My Jammy", {"image_id": "My Jammy"}),
    ],
)
@pytest.mark.parametrize("system", ["ubuntu-jammy", "ubuntu-xenial"])
def test_the_settings_name_another_image(cloud: str, named: str, properties: object, system: str) -> None:
    image = _on(cloud, stemcell_images={system: named}).stock_image(system)
    assert (image.os, image.version, image.cloud_properties) == (system, named, properties)
    assert image.description == f"image {named} (`stemcell_images`)"


@pytest.mark.parametrize("cloud", ["aws", "azure", "openstack"])
@pytest.mark.parametrize(
    ("system", "why"),
    [
        ("ubuntu-trusty", "Ubuntu 14.04 is out of support, and has no Python 3.8."),
        ("ubuntu-xenial", "Ubuntu 16.04 is out of support, and has no Python 3.8."),
        ("centos-7", "CentOS 7 is out of support, and has no Python 3.8."),
        ("ubuntu-future", "Stock images are known for debian-12, debian-13, ubuntu-jammy, ubuntu-noble."),
    ],
)
def test_what_no_stock_image_serves_for_is_refused_with_the_setting_that_names_one(
    cloud: str, system: str, why: str
) -> None:
    with pytest.raises(NotSupportedError) as raised:
        _on(cloud).stock_image(system)
    assert (raised.value.code, raised.value.why) == ("stock-image-unsupported", why)
    assert f"stemcell_images: {{{system}: " in raised.value.fix


def test_windows_is_refused_without_a_setting_that_would_not_help() -> None:
    with pytest.raises(NotSupportedError) as raised:
        _on("aws").stock_image("windows2019")
    assert (raised.value.code, "stemcell_images" in raised.value.fix) == ("stock-image-unsupported", False)


@pytest.mark.parametrize("system", ["ubuntu-jammy", "ubuntu-trusty", "debian-12", "windows2019"])
def test_the_local_cloud_has_one_image_for_all_of_them(system: str) -> None:
    own, image = host_stemcell.read_host(), LocalStockImages().stock_image(system)
    assert (image.os, image.version) == (own.os, own.version)
    assert image.description.startswith(f"this machine's operating system, {own.os} {own.version}")
    assert ("Windows jobs do not run" in image.description) == system.startswith("windows")
