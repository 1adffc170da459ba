"""The Plans port for real: stored plans in SQLite, each in one sealed row.

Takes and gives values of director.model.tasks.stored_plan.
"""

from dataclasses import replace

import sqlalchemy as sa

from director.edge.secrets.sealing import RowPlace
from director.edge.state import sql_refusals, stored_plan_document
from director.edge.state.sql_database import Database
from director.edge.state.sql_tables import PLANS
from director.errors import InputError
from director.model.tasks.plan import Plan
from director.model.tasks.stored_plan import KEPT_DAYS, KEPT_PLANS, StoredPlan

_DAY_S = 86_400.0


class SqlPlans:
    """A number is one above the highest there is: the newest row is never deleted, so none is given twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_plan(self, stored: StoredPlan) -> StoredPlan:
        """Store it, and delete what is too old or too many."""
        with self._database.transaction() as connection:
            number = int(connection.execute(sa.select(sa.func.max(PLANS.c.number))).scalar() or 0) + 1
            saved = replace(stored, number=number, digest=self.digest_of(stored.plan))
            row = {
                "number": number,
                "environment": saved.plan.environment,
                "deployment": saved.plan.deployment,
                "at": saved.caller.at,
                "document": self._database.documents.seal(stored_plan_document.encode(saved), _place(number)),
            }
            connection.execute(sa.insert(PLANS).values(row))
            self._delete_old(connection, saved)
        return saved

    def load_plan(self, number: int) -> StoredPlan | None:
        """The plan of that number, or None."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(PLANS.c.document).where(PLANS.c.number == number)).first()
        if row is None:
            return None
        whose = f"plan {number}"
        data = self._database.documents.open_map(row.document, _place(number), whose=whose)
        with sql_refusals.refusing_damage(self._database.path, whose):
            return stored_plan_document.decode(data, number)

    def list_plans(self) -> tuple[StoredPlan, ...]:
        """All that can be read. Raises StateError: state-damaged, state-sealed, vault-key-missing."""
        with self._database.reading() as connection:
            numbers = connection.execute(sa.select(PLANS.c.number).order_by(PLANS.c.number)).scalars().all()
        found: list[StoredPlan] = []
        for number in numbers:
            try:
                stored = self.load_plan(number)
            except InputError:  # of another version: `deploy --plan` refuses it
                continue
            found.extend([stored] if stored else [])
        return tuple(found)

    def digest_of(self, plan: Plan) -> str:
        """The digest of the plan's document."""
        return stored_plan_document.digest_of(plan)

    def _delete_old(self, connection: sa.Connection, newest: StoredPlan) -> None:
        is_its_own = (
            PLANS.c.environment == newest.plan.environment,
            PLANS.c.deployment == newest.plan.deployment,
        )
        kept = sa.select(PLANS.c.number).where(*is_its_own).order_by(PLANS.c.number.desc()).limit(KEPT_PLANS)
        is_one_too_many = sa.and_(*is_its_own, PLANS.c.number.not_in(kept))
        is_old = PLANS.c.at < newest.caller.at - KEPT_DAYS * _DAY_S
        is_another = PLANS.c.number != newest.number
        connection.execute(sa.delete(PLANS).where(is_another, sa.or_(is_old, is_one_too_many)))


def _place(number: int) -> RowPlace:
    return RowPlace(table="plans", column="document", key=(str(number),))
