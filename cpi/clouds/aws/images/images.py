"""Which image a stemcell is: by id, by SSM parameter, or by owner and name. Pure.

Takes what was written and AWS's answers, gives where to look and what was found.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from cpi.contract.value_classes import dataclass
from cpi.kit import judge

_AMD = {"x86_64": "amd64", "arm64": "arm64"}
_DEBIAN = "136693071363"
_CANONICAL = "099720109477"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Where an operating system's images are: an SSM parameter that names the newest, and its maker's account."""

    parameter: str
    owner: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineImage:
    """`root_gib` is how large its disk is at least."""

    id: str
    name: str
    architecture: str
    root_device: str
    root_gib: int


def publisher_of(os: str, version: str, architecture: str) -> Publisher:
    """Who makes images of an operating system. Raises NotFoundError, code unknown-image."""
    word = _AMD.get(architecture, architecture)
    if os == "debian":
        return Publisher(
            parameter=f"/aws/service/debian/release/{version}/latest/{word}",
            owner=_DEBIAN,
            name=f"debian-{version}-{word}-*",
        )
    if os == "ubuntu":
        disk = "ebs-gp3" if version >= "23.10" else "ebs-gp2"
        return Publisher(
            parameter=f"/aws/service/canonical/ubuntu/server/{version}/stable/current/{word}/hvm/{disk}/ami-id",
            owner=_CANONICAL,
            name=f"ubuntu/images/hvm-ssd*/ubuntu-*-{version}-{word}-server-*",
        )
    setting = "`ami` ({region: ami-...}), `image_id` or `ssm_parameter` of the stemcell"
    raise judge.missing(
        judge.unknown_name("image", f"{os} {version}", ("debian", "ubuntu"), where="AWS's plugin", setting=setting)
    )


def read_image(answer: Mapping[str, Any]) -> MachineImage:
    """An image of DescribeImages."""
    root = str(answer.get("RootDeviceName", "/dev/xvda"))
    sizes = [
        int(disk["Ebs"].get("VolumeSize", 0))
        for disk in answer.get("BlockDeviceMappings", ())
        if disk.get("DeviceName") == root and "Ebs" in disk
    ]
    return MachineImage(
        id=answer["ImageId"],
        name=str(answer.get("Name", "")),
        architecture=str(answer.get("Architecture", "")),
        root_device=root,
        root_gib=max(sizes, default=8),
    )


def newest(answer: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The youngest image of several; None of none."""
    return max(answer, key=lambda one: str(one.get("CreationDate", "")), default=None)
