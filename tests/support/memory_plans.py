"""Stored plans in memory, as JSON: what is read back is what a store on disk gives."""

import json
from dataclasses import dataclass, field, replace

from director.edge.state import stored_plan_document
from director.model.tasks.plan import Plan
from director.model.tasks.stored_plan import KEPT_DAYS, KEPT_PLANS, StoredPlan


@dataclass(slots=True)
class PlansDisk:
    """What is on disk, by number."""

    plans: dict[int, str] = field(default_factory=dict)


class MemoryPlans:
    """Implements Plans."""

    def __init__(self, disk: PlansDisk | None = None) -> None:
        self.disk = disk or PlansDisk()

    def save_plan(self, stored: StoredPlan) -> StoredPlan:
        number = max(self.disk.plans, default=0) + 1
        saved = replace(stored, number=number, digest=self.digest_of(stored.plan))
        self.disk.plans[number] = json.dumps(stored_plan_document.encode(saved))
        self._delete_old(saved)
        return saved

    def load_plan(self, number: int) -> StoredPlan | None:
        text = self.disk.plans.get(number)
        return stored_plan_document.decode(json.loads(text), number) if text else None

    def list_plans(self) -> tuple[StoredPlan, ...]:
        return tuple(
            stored_plan_document.decode(json.loads(text), number) for number, text in sorted(self.disk.plans.items())
        )

    def digest_of(self, plan: Plan) -> str:
        return stored_plan_document.digest_of(plan)

    def _delete_old(self, newest: StoredPlan) -> None:
        read = {
            number: stored_plan_document.decode(json.loads(text), number) for number, text in self.disk.plans.items()
        }
        own = [number for number, each in read.items() if _whose(each) == _whose(newest)]
        oldest = newest.caller.at - KEPT_DAYS * 86_400
        for number, each in read.items():
            if each.caller.at < oldest or number in own[:-KEPT_PLANS]:
                del self.disk.plans[number]


def _whose(stored: StoredPlan) -> tuple[str, str]:
    return stored.plan.environment, str(stored.plan.deployment)
