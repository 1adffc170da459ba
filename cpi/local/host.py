"""What this machine is called as a stemcell.

Takes /etc/os-release, gives the operating system's name and version.
"""

import platform
from dataclasses import dataclass

from cpi.local.inside import stemcells


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStemcell:
    """`os` like "debian-12"; `version` is the release's own, or the kernel's where a rolling release has none."""

    os: str
    version: str
    architecture: str


def read_host() -> HostStemcell:
    """This machine as a stemcell."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {"ID": "linux"}
    version = release.get("VERSION_ID", "")
    return HostStemcell(
        os=f"{release['ID']}-{version}" if version else release["ID"],
        version=version or platform.release(),
        architecture=stemcells.find_architecture(),
    )
