"""A plan: a directed graph of actions, as data. What deploy does is exactly what plan said.

Takes nothing, gives frozen values. Secrets are names, so a plan may be printed and saved.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from cpi.contract.value_classes import dataclass
from director.model.environments.deployment_dns import DeploymentDns
from director.model.environments.shared_links import DeploymentLinks
from director.model.environments.state import InstanceRecord
from director.model.former import OptionalText
from director.model.ids import ActionId, EnvironmentName, OwnerName, RunId
from director.model.tasks.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One call to one port.

    id: unique for ever; "<run id>/<kind>/<subject>". It is the owner key's action and the idempotency token.
    subject: what it is about, for people: "web/0", "compiler 2", "package ruby".
    reason: why, for people: "new instance", "property 'port' changed".
    after: actions that must be done first.
    gate, is_entering, is_leaving: a gate lets so many sequences through at a time (max_in_flight). The first action
        of a sequence enters, its last leaves; all of a sequence carry the gate's name and the same `sequence`. None: no
        gate is in the way.
    pool: compile VMs. An action with `is_joining_pool` (await_agent of a compiler) adds its compiler to the pool
        when done; one with `is_using_pool` needs a free member for as long as it runs.
    is_cleanup: runs even after another action failed, when what it waits for has ended in any way.
    estimate_s: how long it probably takes; only for order (critical path first) and for progress.
    """

    id: ActionId
    work: Work
    subject: str
    reason: str
    after: tuple[ActionId, ...] = ()
    gate: OptionalText = None
    sequence: OptionalText = None
    is_entering: bool = False
    is_leaving: bool = False
    pool: OptionalText = None
    is_joining_pool: bool = False
    is_using_pool: bool = False
    is_cleanup: bool = False
    estimate_s: float = 1.0
    stage: str = ""
    """BOSH's event stage: "Compiling packages", "Creating missing vms", "Updating instance"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """At most `width` sequences of this name are inside at a time."""

    name: str
    width: int


class Becomes(Enum):
    """What a plan makes of an instance."""

    NEW = "new"
    RECREATED = "recreated"
    UPDATED = "updated"
    RELOADED = "reloaded"
    RESTARTED = "restarted"
    STARTED = "started"
    STOPPED = "stopped"
    DETACHED = "detached"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class LostDisk:
    """A persistent disk that an instance loses: an orphan keeps its data, a deleted disk does not.

    `name` is that of a named disk. `is_copied`: its data are copied to the disk that replaces it.
    """

    size_mib: int
    name: str = ""
    is_deleted: bool = False
    is_copied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceChange:
    """What becomes of one instance, and why. `size` is its VM type or its vm_resources as text; "" of a deleted one.

    `is_canary`: others of its group wait for it. `addresses` are those that are known before the run. `disk_mib` is the
    sum of its persistent disks, as they will be.
    """

    name: str
    group: str
    becomes: Becomes
    az: OptionalText = None
    size: str = ""
    addresses: tuple[str, ...] = ()
    disk_mib: int = 0
    is_canary: bool = False
    lost_disks: tuple[LostDisk, ...] = ()
    reasons: tuple[str, ...] = ()


THERE = "there"
"""The value of a part of the manifest that has a name, such as a job, where only one of the manifests has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestDifference:
    """A value of the manifest that differs from the deployed one, as text; None where it is not there.

    `group` is the instance group, "" for what belongs to none. `path` names the value below it ("job web: port").
    """

    path: str
    group: str = ""
    before: OptionalText = None
    after: OptionalText = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Actions in a stable order in which each comes after what it waits for.

    `records` are the instances' identities to write down before the first call: new and changed ones. The addresses
    of VMs to come are not among them: while the run is open, its plan reserves them. `manifest` and `links` are
    saved as the deployment's when the run ends well (None: leave both), and so are `packages`: the compile keys of
    all that the manifest needs, by release. `dns` are its DNS records from the first
    applied instance on (None: leave them). `kept` counts unchanged instances, `stopped` names those of
    them that a user stopped.

    `changes` are what the actions make of instances, `differences` what of the manifest changed; both for people.
    """

    run: RunId
    environment: EnvironmentName
    deployment: OwnerName
    actions: tuple[Action, ...] = ()
    gates: tuple[Gate, ...] = ()
    records: tuple[InstanceRecord, ...] = ()
    manifest: str | None = None
    links: DeploymentLinks = field(default_factory=DeploymentLinks)
    packages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dns: DeploymentDns | None = None
    kept: int = 0
    stopped: tuple[str, ...] = ()
    changes: tuple[InstanceChange, ...] = ()
    differences: tuple[ManifestDifference, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing to do."""
        return not self.actions

    def reserved(self) -> Mapping[str, frozenset[str]]:
        """The addresses that its VMs are to have, those of compile VMs included, by network."""
        wanted: dict[str, set[str]] = {}
        for action in self.actions:
            for net in action.work.networks:
                if net.ip:
                    wanted.setdefault(net.name, set()).add(net.ip)
        return {network: frozenset(addresses) for network, addresses in wanted.items()}
