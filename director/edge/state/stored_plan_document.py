"""A stored plan as the document that is saved.

Takes stored plans, gives JSON; takes JSON, gives stored plans of this version.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from cpi.contract.values import JsonValue
from director.edge.state import plan_document
from director.errors import InputError
from director.model import as_data
from director.model.tasks.plan import Plan
from director.model.tasks.stored_plan import STORED_PLAN_VERSION, StoredPlan


def encode(stored: StoredPlan) -> JsonValue:
    """The document, with the plan as the journal saves one."""
    plan = stored.plan
    empty = Plan(run=plan.run, environment=plan.environment, deployment=plan.deployment)
    rest = as_data.encode(replace(stored, plan=empty))
    assert isinstance(rest, dict)
    return {**rest, "plan": plan_document.encode(plan)}


def decode(data: Mapping[str, JsonValue], number: int) -> StoredPlan:
    """The stored plan. Raises InputError, code `plan-version`; ValueError where it does not fit."""
    version = data.get("version")
    if version != STORED_PLAN_VERSION:
        raise InputError(
            "plan-version",
            f"Plan {number} was stored by another version of compleat (format {version}).",
            why=f"This version applies plans of format {STORED_PLAN_VERSION} only.",
            fix="Store a new plan with `compleat plan MANIFEST --save`.",
        )
    plan = plan_document.decode(data.get("plan"))
    return as_data.decode(StoredPlan, {**data, "plan": plan, "number": number})


def digest_of(plan: Plan) -> str:
    """The digest of what is saved of the plan; files are in it by their own digests."""
    return hashlib.sha256(json.dumps(plan_document.encode(plan), sort_keys=True).encode()).hexdigest()
