"""What a region has before anyone comes: images of Debian and Canonical, and the SSM parameters that name them.

Takes a region, fills moto's back ends.
"""

import datetime
from dataclasses import dataclass

from moto.ec2.models.amis import Ami
from moto.ssm.models import Parameter

from tests.support.aws import back

_BORN = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    id: str
    name: str
    owner: str
    root: str
    parameter: str
    architecture: str = "x86_64"


_DEBIAN = "136693071363"
_CANONICAL = "099720109477"
_UBUNTU_PATH = "/aws/service/canonical/ubuntu/server/24.04/stable/current"
_JAMMY_PATH = "/aws/service/canonical/ubuntu/server/22.04/stable/current"

IMAGES = (
    Image(
        id="ami-0deb12a0000000001",
        name="debian-12-amd64-20250101-1979",
        owner=_DEBIAN,
        root="/dev/xvda",
        parameter="/aws/service/debian/release/12/latest/amd64",
    ),
    Image(
        id="ami-0deb12b0000000001",
        name="debian-12-arm64-20250101-1979",
        owner=_DEBIAN,
        root="/dev/xvda",
        parameter="/aws/service/debian/release/12/latest/arm64",
        architecture="arm64",
    ),
    Image(
        id="ami-0deb13a0000000001",
        name="debian-13-amd64-20250101-1979",
        owner=_DEBIAN,
        root="/dev/xvda",
        parameter="",
    ),
    Image(
        id="ami-0abc22a0000000001",
        name="ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20250101",
        owner=_CANONICAL,
        root="/dev/sda1",
        parameter=f"{_JAMMY_PATH}/amd64/hvm/ebs-gp2/ami-id",
    ),
    Image(
        id="ami-0abc24a0000000001",
        name="ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20250101",
        owner=_CANONICAL,
        root="/dev/sda1",
        parameter=f"{_UBUNTU_PATH}/amd64/hvm/ebs-gp3/ami-id",
    ),
)


def plant(region: str) -> None:
    """Fill a region."""
    backend, parameters = back.ec2(region), back.ssm(region)
    for image in IMAGES:
        backend.amis[image.id] = Ami(
            backend,
            ami_id=image.id,
            name=image.name,
            owner_id=image.owner,
            public=True,
            virtualization_type="hvm",
            architecture=image.architecture,
            creation_date=_BORN,
            image_location=f"{image.owner}/{image.name}",
            hypervisor="xen",
            root_device_type="ebs",
            root_device_name=image.root,
            region_name=f"{region}a",
        )
        if image.parameter:
            parameters._parameters[image.parameter].append(_parameter(image))
    backend.snapshots.clear()


def _parameter(image: Image) -> Parameter:
    return Parameter(  # type: ignore[abstract] # its base is for CloudFormation
        account_id=back.ACCOUNT,
        name=image.parameter,
        value=image.id,
        parameter_type="String",
        description=None,
        allowed_pattern=None,
        keyid=None,
        last_modified_date=_BORN,
        version=1,
        data_type="aws:ec2:image",
    )
