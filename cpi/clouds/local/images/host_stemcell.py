"""What this machine is called as a stemcell.

Takes /etc/os-release and requests, gives the operating system's name and version.
"""

import platform

from cpi.clouds.local.inside.vms import stemcells
from cpi.contract.errors import NotFoundError, NotSupportedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import StemcellRequest

_HOST = "host"
"""The cloud property `image` of a light stemcell that gives this machine another name and version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStemcell:
    """`os` like "debian", as other clouds call it; `version` is the release's, or the kernel's where that has none.

    A group over several clouds needs the same of both.
    """

    os: str
    version: str
    architecture: str


def read_host() -> HostStemcell:
    """This machine as a stemcell."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {"ID": "linux"}
    return HostStemcell(
        os=release["ID"],
        version=release.get("VERSION_ID", "") or platform.release(),
        architecture=stemcells.find_architecture(),
    )


def check_request(request: StemcellRequest) -> None:
    """Raises NotSupportedError `image-not-supported`, NotFoundError `unknown-stemcell`."""
    own = read_host()
    if request.image_path:
        raise NotSupportedError(
            "image-not-supported",
            "The local cloud does not support stemcell images.",
            why="Its VMs run this machine's operating system.",
            fix="Write os: linux and version: latest in the manifest; or upload a light stemcell with cloud_properties "
            "{image: host}, which gives this machine another name.",
        )
    if request.cloud_properties.get("image") == _HOST:
        return
    if request.os != own.os or request.version not in (own.version, "latest"):
        raise NotFoundError(
            "unknown-stemcell",
            f"The local cloud has no stemcell {request.os} {request.version}.",
            why=f"Its VMs run this machine's operating system, {own.os} {own.version}.",
            fix=f"Write os: {own.os} and version: '{own.version}' (or latest) in the manifest.",
        )


def named_as(request: StemcellRequest) -> tuple[str, str]:
    """The os and version under which this machine is recorded."""
    own = read_host()
    is_renamed = request.cloud_properties.get("image") == _HOST
    return (request.os, request.version) if is_renamed else (own.os, own.version)
