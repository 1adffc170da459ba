"""What an agent is asked to do, where a verb wants more than a name.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid, JsonValue
from director.model.ids import Digest
from director.model.rendered import RenderedJobs


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageBlob:
    """A compiled package; `version` is its compile key, which changes when the content may."""

    name: str
    version: str
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRequest:
    """The jobs and packages of an instance, and the files of the jobs.

    `facts` is what the agent keeps of the template spec: names and addresses, no properties.
    """

    facts: Mapping[str, JsonValue]
    jobs: tuple[str, ...]
    packages: tuple[PackageBlob, ...]
    configuration_hash: str
    files: RenderedJobs = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextSpec:
    """What an instance runs after an update."""

    packages: tuple[PackageBlob, ...]
    configuration_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileRequest:
    """A package to compile: its source and the compiled packages that it depends on are on the VM."""

    name: str
    version: str
    source: Digest
    dependencies: tuple[PackageBlob, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskAssociation:
    """An attached disk whose device jobs find under `name`; `hint` is what the cloud says of where the VM finds it."""

    name: str
    cid: DiskCid
    hint: str
    size_mib: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsRequest:
    """The DNS records of an environment as BOSH's agent has them; a VM with a newer version keeps its own."""

    version: int
    document: Mapping[str, JsonValue]
    health_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRequest:
    """A file to write; `content` may contain secrets."""

    path: str
    content: bytes = field(repr=False)
    mode: int
    owner: str
