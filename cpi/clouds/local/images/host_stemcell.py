"""What this machine is called as a stemcell.

Takes /etc/os-release, gives the operating system's name and version.
"""

import platform

from cpi.clouds.local.inside.vms import stemcells
from cpi.contract.value_classes import dataclass


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
