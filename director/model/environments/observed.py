"""What is: a deployment as its saved state, the cloud and the agents show it, and when they were asked.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import (
    FoundDisk,
    FoundLandingResource,
    FoundSnapshot,
    FoundStemcell,
    FoundVm,
    LandingResource,
    VmCid,
)
from director.model.agents.agent_state import AgentState
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.deployment_dns import StoredDns
from director.model.environments.state import DeploymentState, InstanceRecord
from director.model.ids import InstanceId
from director.model.releases.release import CompiledPackage

CLOUD_TAG = "compleat-cloud"
"""The tag of VMs and disks that names the environment's cloud they are on; what is observed bears it in any case."""

INSTANCE_TAG = "compleat-instance"
"""The tag of VMs and disks that names the instance they are of."""

DISK_TAG = "compleat-disk"
"""The tag of disks of `persistent_disks` that holds the name; the disk on the store has none."""

ORPHAN_TAG = "orphaned"
"""The tag of disks that were let go: no instance has them any more."""

NOT_ORPHANED = "false"
"""The value of that tag once another instance has the disk: tags are set, and never removed."""


JUMPBOX_SILENT = "jumpbox-silent"
"""The state of an agent behind a jumpbox that does not answer: the agent's own state is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """An agent that did not answer: the error's code and its reason."""

    code: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """`vms` and `disks` are all of the deployment's that the cloud has, by its own word.

    `agents` holds an entry for each instance whose VM exists. `compiled` maps a package's key to its blob.
    `secret_versions` maps a variable's name to its version (1 at first, plus one for each regeneration).
    `taken` are addresses other deployments hold, by network. `adopted` are instances that the cloud has and `state`
    does not, read from their tags, or has with other resources. `dns` is what was last published of it, None if nothing
    was; `has_other_vms` says that other deployments have VMs, which have its records too.
    """

    state: DeploymentState
    seen_at: float
    vms: tuple[FoundVm, ...] = ()
    disks: tuple[FoundDisk, ...] = ()
    agents: Mapping[InstanceId, AgentState | NoAnswer] = field(default_factory=dict)
    compiled: Mapping[str, CompiledPackage] = field(default_factory=dict)
    secret_versions: Mapping[str, int] = field(default_factory=dict)
    taken: Mapping[str, frozenset[str]] = field(default_factory=dict)
    adopted: tuple[InstanceRecord, ...] = ()
    dns: StoredDns | None = None
    has_other_vms: bool = False
    managed: Mapping[str, tuple[FoundLandingResource, ...]] = field(default_factory=dict)
    """What clouds have of networks that deployments created, whichever deployment; by the cloud's name."""

    @property
    def joined(self) -> tuple[InstanceRecord, ...]:
        """The records of the state, with what is adopted in the place of those that it renews, or after them."""
        records = {record.id: record for record in self.state.instances}
        return tuple({**records, **{record.id: record for record in self.adopted}}.values())

    def vm(self, cid: VmCid) -> FoundVm | None:
        """The VM with that CID as the cloud has it, or None."""
        return next((vm for vm in self.vms if vm.created.cid == cid), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudInventory:
    """Everything of the environment that one cloud has, by its own word.

    `resources` is the known order in which the landing zone was created: it is deleted in reverse.
    """

    cloud: str = ONLY_CLOUD
    vms: tuple[FoundVm, ...] = ()
    disks: tuple[FoundDisk, ...] = ()
    snapshots: tuple[FoundSnapshot, ...] = ()
    stemcells: tuple[FoundStemcell, ...] = ()
    landing: tuple[FoundLandingResource, ...] = ()
    resources: tuple[LandingResource, ...] = ()
