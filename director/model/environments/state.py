"""What we know to be: the saved state of one deployment, whole and versioned.

Takes nothing, gives frozen values. Changed only by folding results (execute/fold.py), saved only under a lease.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid, JsonValue, NetworkKind, NetworkSettings, StemcellCid, VmCid
from director.model.agents import agent_address
from director.model.agents.agent_address import AgentAddress
from director.model.cloud_names import ONLY_CLOUD, CloudName
from director.model.environments.shared_links import DeploymentLinks
from director.model.former import OptionalText
from director.model.ids import ActionId, EnvironmentName, GroupName, InstanceId, OwnerName
from director.model.secret_ref import Property

STATE_VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class VmRecord:
    """A VM we made. `cloud_properties`, `env` and `networks` are what it was made with; `cloud` names the cloud.

    `agent` is where its agent is reached, None for a VM without an address. `env_secrets` are the versions of the
    secrets in `env`.
    """

    cid: VmCid
    action: ActionId
    stemcell_cid: StemcellCid
    networks: tuple[NetworkSettings, ...]
    cloud: CloudName = ONLY_CLOUD
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    env: Mapping[str, Property] = field(default_factory=dict)
    env_secrets: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    agent: AgentAddress | None = None

    @property
    def host_key(self) -> str | None:
        """Its SSH host key, None where it is not known."""
        return agent_address.host_key_of(self.agent)

    @property
    def addresses(self) -> Mapping[str, str]:
        """The addresses that we chose for it, by network; one that a cloud chose is gone with the VM."""
        return {net.name: net.ip for net in self.networks if net.ip and net.kind is not NetworkKind.DYNAMIC}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskRecord:
    """A persistent disk we made. `hint` is where the VM finds it, None while detached.

    `is_mounted`: of a named disk, which is never mounted, that the VM has its device under that name.
    """

    cid: DiskCid
    action: ActionId
    size_mib: int
    cloud: CloudName = ONLY_CLOUD
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    hint: OptionalText = None
    is_mounted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an instance runs, as hashes that change if, and only if, their content changes."""

    configuration_hash: str
    packages: Mapping[str, str] = field(default_factory=dict)
    """Package name to compile key."""
    jobs: tuple[str, ...] = ()
    restart_hash: str = ""
    """Of the same without the properties that its jobs take over while they run; "" if no job has such properties."""


class DesiredPower(Enum):
    STARTED = "started"
    STOPPED = "stopped"
    DETACHED = "detached"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceRecord:
    """`az` is None where its group names none, or its record was lost.

    `addresses` are those of its VM by network; without a VM those it had last, which are kept for it.

    `is_dirty`: an update began and did not end well. `is_ignored`: a user excluded it from all commands.
    `errands` are its errands by their jobs, with what each last succeeded on.
    `old_disk` is there while content moves from it to `disk`. `named_disks` are those of `persistent_disks`, by name;
    `old_named_disks` are those that another of the same name replaces, until they are orphaned.
    """

    id: InstanceId
    group: GroupName
    index: int
    az: OptionalText = None
    is_bootstrap: bool = False
    addresses: Mapping[str, str] = field(default_factory=dict)
    vm: VmRecord | None = None
    disk: DiskRecord | None = None
    old_disk: DiskRecord | None = None
    named_disks: Mapping[str, DiskRecord] = field(default_factory=dict)
    old_named_disks: Mapping[str, DiskRecord] = field(default_factory=dict)
    applied: Applied | None = None
    wanted: DesiredPower = DesiredPower.STARTED
    is_dirty: bool = True
    is_ignored: bool = False
    errands: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """ "group/index", as people say it."""
        return f"{self.group}/{self.index}"

    @property
    def disks(self) -> tuple[DiskRecord, ...]:
        """All its disks: the one on the store and the one it replaces, then those with names, then those replaced."""
        own = [disk for disk in (self.disk, self.old_disk) if disk]
        return (*own, *self.named_disks.values(), *self.old_named_disks.values())

    def disk_called(self, name: str, *, is_old: bool = False) -> DiskRecord | None:
        """The disk of that name, "" for the one on the store, or the one that it replaces; None without it."""
        if name:
            return (self.old_named_disks if is_old else self.named_disks).get(name)
        return self.old_disk if is_old else self.disk


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRecord:
    """A secret that was generated: how often, and as what. `options` are those it was last generated with."""

    version: int
    type: str
    options: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentState:
    """`serial` grows by one with each save. `manifest` is that of the last successful deploy, "" before it.

    `compilers` are compile VMs that are not deleted yet, by the name their actions gave them. `secrets` are those that
    its deploys generated, by their whole names: one that the vault lacks was lost. `links` are those of the last
    successful deploy, and `packages` the compile keys of what it needs, by release.
    """

    environment: EnvironmentName
    deployment: OwnerName
    serial: int = 0
    version: int = STATE_VERSION
    manifest: str = ""
    instances: tuple[InstanceRecord, ...] = ()
    compilers: Mapping[str, VmRecord] = field(default_factory=dict)
    secrets: Mapping[str, SecretRecord] = field(default_factory=dict)
    links: DeploymentLinks = field(default_factory=DeploymentLinks)
    packages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def instance(self, instance_id: InstanceId) -> InstanceRecord | None:
        """The instance with that id, or None."""
        return next((record for record in self.instances if record.id == instance_id), None)
