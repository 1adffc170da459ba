"""What resources cost: by instance group, with what they are.

Takes nothing, gives frozen values. `report/` turns them into words and JSON.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import PreflightRequest, Price, QuotaNeed
from director.model.report import Bill

QuotasLeft = Mapping[str, tuple[QuotaNeed, ...]]
"""By cloud, each limit that counts a plan, with what that needs at its peak; empty where no limit is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceGroup:
    """Resources that cost money together: an instance group, orphaned disks, the landing zone.

    `requests` are what they are made with, by cloud.
    """

    name: str
    requests: Mapping[str, PreflightRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedGroup:
    """A group with what an hour of it costs. `cores` is None where a price list does not know them."""

    name: str
    vms: int = 0
    disks: int = 0
    disk_mib: int = 0
    addresses: int = 0
    cores: int | None = 0
    bill: Bill = field(default_factory=Bill)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """How long a plan takes by what former runs took. `unmeasured` names kinds of actions that never ran here."""

    measured_s: float
    unmeasured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What is there once a plan is carried out, and what an hour of it costs.

    `compiling` are the VMs that are there only while packages compile, or an errand runs. `others` is the rest of the
    environment. `bill` is that of `groups` together. `quotas` is empty where the clouds were not asked.
    """

    groups: tuple[PricedGroup, ...] = ()
    bill: Bill = field(default_factory=Bill)
    compiling: PricedGroup | None = None
    others: PricedGroup | None = None
    duration: Duration | None = None
    quotas: QuotasLeft = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """From when until when a resource was there, by the journal; `deleted_at` None: it is there.

    `kind` is "vm", "disk", or the cloud's word for a part of the landing zone. `deployment` is "" for the environment
    itself. `request` is what it was made with.
    """

    kind: str
    cloud: str
    cid: str
    request: PreflightRequest
    deployment: str = ""
    created_at: float = 0.0
    deleted_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A resource that is about to be deleted. `size_mib` is a disk's, 0 for others.

    `created_at` and `prices` (of an hour) are what the journal knows of it: None and () where it knows nothing.
    """

    kind: str
    cloud: str
    cid: str
    name: str
    size_mib: int = 0
    created_at: float | None = None
    prices: tuple[Price, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionList:
    """Everything that a `down` deletes, as the clouds list it `at` that time."""

    environment: str
    at: float
    deletions: tuple[Deletion, ...]
