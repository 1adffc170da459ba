"""What an action does: one frozen value for each kind, each one call to one port.

Takes nothing, gives frozen values. Secrets are names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cpi.values import (
    DiskCid,
    DiskRequest,
    LandingCid,
    LandingResource,
    OwnerKey,
    SnapshotCid,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmRequest,
)
from director.model.desired import Job, PackageNeed, VariableSpec, WatchTime
from director.model.ids import ActionId, InstanceId
from director.model.secret_ref import Property, SecretText
from director.model.state import Applied, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLandingResource:
    cloud: str
    resource: LandingResource
    owner: OwnerKey
    kind: Literal["create_landing_resource"] = "create_landing_resource"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteLandingResource:
    cloud: str
    cid: LandingCid
    kind: Literal["delete_landing_resource"] = "delete_landing_resource"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateStemcell:
    cloud: str
    request: StemcellRequest
    kind: Literal["create_stemcell"] = "create_stemcell"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteStemcell:
    cloud: str
    cid: StemcellCid
    kind: Literal["delete_stemcell"] = "delete_stemcell"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSnapshot:
    cloud: str
    cid: SnapshotCid
    kind: Literal["delete_snapshot"] = "delete_snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeSecret:
    """Generate a variable unless the vault has that version of it, or a later one."""

    variable: VariableSpec
    version: int = 1
    kind: Literal["make_secret"] = "make_secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateVm:
    """For an instance, or for a compile VM when `instance` is None (its name is then `compiler`)."""

    cloud: str
    request: VmRequest
    instance: InstanceId | None = None
    compiler: str = ""
    kind: Literal["create_vm"] = "create_vm"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteVm:
    """Delete a VM by the CID it has in the state, or, for a stray, by `cid`."""

    cloud: str
    instance: InstanceId | None = None
    compiler: str = ""
    cid: VmCid | None = None
    kind: Literal["delete_vm"] = "delete_vm"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVmMetadata:
    instance: InstanceId
    tags: Mapping[str, str]
    kind: Literal["set_vm_metadata"] = "set_vm_metadata"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDisk:
    """Becomes the instance's disk; one it had before becomes its old disk. Made near the instance's VM."""

    cloud: str
    instance: InstanceId
    request: DiskRequest
    kind: Literal["create_disk"] = "create_disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachDisk:
    """`is_old` names the old disk: a new VM needs both when a migration was cut off."""

    instance: InstanceId
    is_old: bool = False
    kind: Literal["attach_disk"] = "attach_disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachDisk:
    """`is_old` names the old disk instead of the present one."""

    instance: InstanceId
    is_old: bool = False
    kind: Literal["detach_disk"] = "detach_disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeDisk:
    instance: InstanceId
    size_mib: int
    kind: Literal["resize_disk"] = "resize_disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanDisk:
    """Let go of a disk: it stays in the cloud under its owner key, tagged as orphaned. Teardown finds it."""

    instance: InstanceId
    is_old: bool = False
    kind: Literal["orphan_disk"] = "orphan_disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDisk:
    """Delete a disk nobody has in the state: an orphan, at teardown."""

    cloud: str
    cid: DiskCid
    kind: Literal["delete_disk"] = "delete_disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitAgent:
    """Wait until the VM's agent answers, for `timeout_s` from its first try."""

    instance: InstanceId | None = None
    compiler: str = ""
    timeout_s: float = 600.0
    kind: Literal["await_agent"] = "await_agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSource:
    """Put a package's source archive into the blobstore."""

    package: PackageNeed
    kind: Literal["pack_source"] = "pack_source"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompilePackage:
    """Compile on whichever member of the pool is free.

    `dependencies` maps the names of the direct dependencies to their compile keys; it may be empty when all of them
    are compiled by the same plan. `store` is the cloud from whose object storage the compile VM fetches them; None:
    they go there by SSH, as the source always does.
    """

    package: PackageNeed
    dependencies: Mapping[str, str] = field(default_factory=dict)
    store: str | None = None
    kind: Literal["compile_package"] = "compile_package"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveCompiled:
    """Remember what `compiled_by` (an action of this plan) made."""

    key: str
    compiled_by: ActionId
    kind: Literal["save_compiled"] = "save_compiled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePackage:
    """Put a compiled package, by its compile key, into a cloud's object storage. There before is success."""

    cloud: str
    name: str
    key: str
    kind: Literal["store_package"] = "store_package"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPackages:
    """Put packages' blobs on the instance's VM. `packages` maps name to compile key.

    `store` is the cloud from whose object storage the VM fetches them; None: they go there by SSH.
    """

    instance: InstanceId
    packages: Mapping[str, str]
    store: str | None = None
    kind: Literal["send_packages"] = "send_packages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """Unpack packages on the VM without enabling them."""

    instance: InstanceId
    packages: Mapping[str, str]
    kind: Literal["prepare"] = "prepare"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSpec:
    """What templates of one instance see, and what its agent is told. `spec` is BOSH's template spec.

    `links` maps a job's name to its links by name, addresses filled in, as render's link objects want them:
    {instances: [{name, id, index, az, address, bootstrap}], properties, address, deployment, group}.
    """

    jobs: tuple[Job, ...]
    spec: Mapping[str, Property]
    links: Mapping[str, Mapping[str, Property]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply:
    """Render the instance's templates and install them; jobs and packages become those of the spec."""

    instance: InstanceId
    spec: InstanceSpec
    applied: Applied
    kind: Literal["apply"] = "apply"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScript:
    """pre-start, post-start, post-deploy, pre-stop or post-stop of every job that has it."""

    instance: InstanceId
    script: str
    env: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["run_script"] = "run_script"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drain:
    """`type` is "update" or "shutdown"; `next_packages` and `next_hash` are what comes after an update."""

    instance: InstanceId
    type: str
    next_packages: Mapping[str, str] = field(default_factory=dict)
    next_hash: str = ""
    kind: Literal["drain"] = "drain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    instance: InstanceId
    kind: Literal["start"] = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    instance: InstanceId
    kind: Literal["stop"] = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitRunning:
    """Look at the job state on BOSH's watch schedule until it is running."""

    instance: InstanceId
    watch: WatchTime
    kind: Literal["await_running"] = "await_running"


@dataclass(frozen=True, slots=True, kw_only=True)
class MountDisk:
    instance: InstanceId
    is_old: bool = False
    kind: Literal["mount_disk"] = "mount_disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmountDisk:
    instance: InstanceId
    is_old: bool = False
    kind: Literal["unmount_disk"] = "unmount_disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateDisk:
    """Copy the old disk's content to the present one and mount that in its place."""

    instance: InstanceId
    kind: Literal["migrate_disk"] = "migrate_disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunErrand:
    instance: InstanceId
    job: str
    kind: Literal["run_errand"] = "run_errand"


@dataclass(frozen=True, slots=True, kw_only=True)
class PutFile:
    """Write a file on the VM; secrets in `content` are put in on the way."""

    instance: InstanceId
    path: str
    content: SecretText
    mode: int = 0o600
    owner: str = "root"
    kind: Literal["put_file"] = "put_file"


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishInstance:
    """Note that the instance is as desired now. Calls nobody; the journal entry is the note."""

    instance: InstanceId
    applied: Applied | None
    wanted: Wanted = Wanted.STARTED
    kind: Literal["finish_instance"] = "finish_instance"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetInstance:
    """Drop an instance that has no VM and no disk left. Calls nobody; the journal entry is the note."""

    instance: InstanceId
    kind: Literal["forget_instance"] = "forget_instance"


Work = (
    CreateLandingResource
    | DeleteLandingResource
    | CreateStemcell
    | DeleteStemcell
    | DeleteSnapshot
    | MakeSecret
    | CreateVm
    | DeleteVm
    | SetVmMetadata
    | CreateDisk
    | AttachDisk
    | DetachDisk
    | ResizeDisk
    | OrphanDisk
    | DeleteDisk
    | AwaitAgent
    | PackSource
    | CompilePackage
    | SaveCompiled
    | StorePackage
    | SendPackages
    | Prepare
    | Apply
    | RunScript
    | Drain
    | Start
    | Stop
    | AwaitRunning
    | MountDisk
    | UnmountDisk
    | MigrateDisk
    | RunErrand
    | PutFile
    | FinishInstance
    | ForgetInstance
)
