"""BOSH's names of stemcells and operating systems.

Takes `name` or `os` as a manifest has it, gives the operating system meant. Source: cloudfoundry/bosh-linux-stemcell-
builder, bosh-stemcell/lib/bosh/stemcell/definition.rb; bosh.io, "Stemcells".
"""

import re

from cpi.contract.value_classes import dataclass
from director.model.written.manifest import StemcellUse

ANY = "linux"
"""Any operating system: the environment's own."""

_IMAGE = "image-"

_SYSTEM = re.compile(
    r"(?:ubuntu-[a-z]+|(?:debian|centos|rhel|photonos)-\d+|opensuse-[a-z0-9]+|photon\d*|windows[0-9a-zA-Z]+)"
)
KNOWN_SYSTEMS = ("ubuntu-noble", "ubuntu-jammy", "ubuntu-bionic", "ubuntu-xenial", "ubuntu-trusty")
"""Those that a misspelt name may mean."""

_NAME = re.compile(
    r"bosh-(?P<infrastructure>[a-z0-9]+)-(?P<hypervisor>[a-z0-9]+(?:-hvm)?)-"
    r"(?P<os>ubuntu-[a-z]+|(?:debian|centos|rhel|photonos)-\d+|opensuse-[a-z0-9]+|photon\d*|windows[0-9a-zA-Z]+)"
    r"(?:-(?P<variant>fips))?(?P<agent>-go_agent)?(?:-(?P<format>[a-z0-9]+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StemcellName:
    """The parts of a stemcell's name; `variant` ("fips") and `disk_format` ("raw") are "" where it has none."""

    infrastructure: str
    hypervisor: str
    os: str
    variant: str = ""
    agent: str = ""
    disk_format: str = ""


def read_stemcell_name(name: str) -> StemcellName | None:
    """The parts of "bosh-aws-xen-hvm-ubuntu-jammy-go_agent"; None for what is not such a name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    return StemcellName(
        infrastructure=found["infrastructure"],
        hypervisor=found["hypervisor"],
        os=found["os"],
        variant=found["variant"] or "",
        agent=(found["agent"] or "").removeprefix("-"),
        disk_format=found["format"] or "",
    )


def system_of_image(name: str) -> str:
    """What a template's image is called as an operating system."""
    return f"{_IMAGE}{name}"


def is_of_image(os: str) -> bool:
    """Whether an operating system is a template's image: it is meant by its name alone."""
    return os.startswith(_IMAGE)


def system_meant(use: StemcellUse) -> str | None:
    """The operating system by BOSH's name ("ubuntu-jammy"); None where the manifest has no such name.

    `name` wins over `os`, as in BOSH.
    """
    if use.name is not None:
        read = read_stemcell_name(use.name)
        return read.os if read else None
    return use.os if use.os and _SYSTEM.fullmatch(use.os) else None


def system_written(use: StemcellUse) -> str | None:
    """The operating system by which filters go, where the manifest alone says it.

    None for `linux`, which is any, and for a name that is not one of BOSH's.
    """
    return system_meant(use) or (use.os if use.name is None and use.os != ANY else None)
