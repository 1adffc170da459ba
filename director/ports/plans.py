"""Plans that are kept to be applied later.

Takes and gives values of director.model.tasks.stored_plan.
"""

from typing import Protocol

from director.model.tasks.plan import Plan
from director.model.tasks.stored_plan import StoredPlan


class Plans(Protocol):
    """Safe to call from many threads and processes. A plan is never changed, and its number never given again."""

    def save_plan(self, stored: StoredPlan) -> StoredPlan:
        """Store it, sealed; gives it with its number and digest once it is on disk.

        Plans that are older than KEPT_DAYS, and those of the same deployment beyond the newest KEPT_PLANS, are deleted.
        """

    def load_plan(self, number: int) -> StoredPlan | None:
        """The plan of that number, of whichever environment, or None.

        Raises InputError, code `plan-version`, for one that another version of compleat stored.
        """

    def list_plans(self) -> tuple[StoredPlan, ...]:
        """Those of all environments that this version of compleat can read, the oldest first."""

    def digest_of(self, plan: Plan) -> str:
        """The digest that the plan has when it is stored: the same for two plans only if they do the same."""
