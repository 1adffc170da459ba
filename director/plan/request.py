"""What a person asks of a plan, beside what the manifest says.

Takes nothing, gives frozen values. Source: cloudfoundry/bosh jobs/update_deployment.rb (options of a deploy).
"""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from cpi.contract.landing_parts import ImageSource
from cpi.contract.value_classes import dataclass
from cpi.contract.values import (
    FoundLandingResource,
    FoundStemcell,
    JsonValue,
    LandingCid,
    LandingResource,
    SshAccess,
)
from director.model.ca_transition import SecretChange
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.desired import Count, StemcellOffer
from director.model.environments.environment import StemcellThere
from director.model.ids import EnvironmentName, RunId


class InstanceRequest(Enum):
    """What is asked of instances beside converging; STARTED, STOPPED and DETACHED last, the others happen once."""

    STARTED = "started"
    STOPPED = "stopped"
    DETACHED = "detached"
    RESTART = "restart"
    RECREATE = "recreate"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """One run's wishes.

    `run` also seeds the ids of new instances. `wishes` are by "group/index", "group/id" or group; the narrower wins.
    `skip_drain` are group names, "*" for all. `is_fix` recreates VMs whose agent is silent. `can_resize_disks`
    says that the cloud grows disks in place. `is_renewing_disks` replaces every persistent disk by a new one.
    `compile_times_s` maps package names to seconds.
    `storing` are the clouds with object storage for packages.
    `regenerate` are variables to regenerate, by the manifest's names. `declared` are the whole names of those
    that the manifest deployed last had. `secret_changes` are other changes of secrets, by their whole names.
    `is_deleting_disks` and `is_forcing` are for teardowns: disks go too; agents are not asked.
    """

    run: RunId
    ssh: SshAccess
    stemcells: tuple[StemcellThere, ...] = ()
    instance_requests: Mapping[str, InstanceRequest] = field(default_factory=dict)
    skip_drain: frozenset[str] = frozenset()
    canaries: Count | None = None
    max_in_flight: Count | None = None
    compile_times_s: Mapping[str, float] = field(default_factory=dict)
    is_fix: bool = False
    can_resize_disks: bool = False
    is_renewing_disks: bool = False
    is_deleting_disks: bool = False
    is_forcing: bool = False
    storing: frozenset[str] = frozenset()
    regenerate: frozenset[str] = frozenset()
    declared: frozenset[str] = frozenset()
    secret_changes: Mapping[str, SecretChange] = field(default_factory=dict)

    def is_skipping_drain(self, group: str) -> bool:
        """Whether pre-stop and drain are left out for a group."""
        return group in self.skip_drain or "*" in self.skip_drain


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandRequest:
    """An errand by name: a job with bin/run, or an errand group. `instances` filters by "group/index" or id.

    `is_when_changed`: only if an instance has changed since the errand last succeeded there.
    """

    name: str
    instances: tuple[str, ...] = ()
    is_keeping_alive: bool = False
    is_when_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageNeed:
    """A stemcell that the cloud makes of `source`; None for one that is there, and cannot be made again."""

    offer: StemcellOffer
    source: ImageSource | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingNeed:
    """What one cloud of an environment needs before its first VM, and what it has of it.

    `stemcell_properties` are the cloud's own words for where a stemcell's image is. `images` are those of templates.
    `whole` are those of `found` that were made to their end, as far as anyone wrote it down; None: all. A part can take
    several calls to make.
    """

    cloud: str = ONLY_CLOUD
    whole: frozenset[LandingCid] | None = None
    resources: tuple[LandingResource, ...] = ()
    stemcells: tuple[StemcellOffer, ...] = ()
    stemcell_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    images: tuple[ImageNeed, ...] = ()
    found: tuple[FoundLandingResource, ...] = ()
    found_stemcells: tuple[FoundStemcell, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentRequest:
    run: RunId
    environment: EnvironmentName
