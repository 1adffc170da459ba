"""A plan that is kept to be applied later, and what it was decided from.

Takes nothing, gives frozen values. Secrets are names in it, as in every plan.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.model.environments.desired import Count
from director.model.secret_ref import Property
from director.model.tasks.caller import Caller
from director.model.tasks.plan import Plan

STORED_PLAN_VERSION = 1
"""Plans that were stored under another number are refused: what they were decided from is not comparable."""

KEPT_DAYS = 30
KEPT_PLANS = 20
"""How many plans of a deployment are kept, and for how long; what is above goes when the next one is stored."""

Basis = Mapping[str, Mapping[str, str]]
"""What a plan was decided from: for each kind of thing a digest by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """Options beside the manifest. The order of actions follows `compile_times_s`.

    `is_renewing_disks` replaces every persistent disk by a new one.
    """

    skip_drain: frozenset[str] = frozenset()
    canaries: Count | None = None
    max_in_flight: Count | None = None
    regenerate: frozenset[str] = frozenset()
    compile_times_s: Mapping[str, float] = field(default_factory=dict)
    is_renewing_disks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlan:
    """`number` counts from 1 within the state store, `digest` is that of the plan as stored; the store sets both.

    `values` are the variables that were given, for the documents that are read again; the manifest is the plan's.
    """

    caller: Caller
    plan: Plan
    options: PlanOptions
    basis: Basis
    values: Mapping[str, Property] = field(default_factory=dict, repr=False)
    version: int = STORED_PLAN_VERSION
    number: int = 0
    digest: str = ""
