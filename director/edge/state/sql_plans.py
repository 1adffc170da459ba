"""The Plans port for real: stored plans in SQLite, each in one sealed row.

Takes and gives values of director.model.tasks.stored_plan.
"""

from dataclasses import replace

from director.edge.secrets.sealing import RowPlace
from director.edge.state import sql_database, sql_refusals, stored_plan_document
from director.edge.state.sql_database import Connection, Database
from director.errors import InputError
from director.model.tasks.plan import Plan
from director.model.tasks.stored_plan import KEPT_DAYS, KEPT_PLANS, StoredPlan

_DAY_S = 86_400.0
_DELETE_OLD = """
    DELETE FROM plans WHERE number != :newest AND (at < :oldest OR (
        environment = :environment AND deployment = :deployment AND number NOT IN (
            SELECT number FROM plans WHERE environment = :environment AND deployment = :deployment
            ORDER BY number DESC LIMIT :kept
        )
    ))
"""


class SqlPlans:
    """A number is one above the highest there is: the newest row is never deleted, so none is given twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_plan(self, stored: StoredPlan) -> StoredPlan:
        """Store it, and delete what is too old or too many."""
        with self._database.transaction() as connection:
            number = sql_database.next_number(connection, "plans")
            saved = replace(stored, number=number, digest=self.digest_of(stored.plan))
            row = {
                "number": number,
                "environment": saved.plan.environment,
                "deployment": saved.plan.deployment,
                "at": saved.caller.at,
                "document": self._database.documents.seal(stored_plan_document.encode(saved), _place(number)),
            }
            sql_database.insert(connection, "plans", row)
            self._delete_old(connection, saved)
        return saved

    def load_plan(self, number: int) -> StoredPlan | None:
        """The plan of that number, or None."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT document FROM plans WHERE number = ?", (number,)).fetchone()
        if row is None:
            return None
        whose = f"plan {number}"
        data = self._database.documents.open_map(row["document"], _place(number), whose=whose)
        with sql_refusals.refusing_damage(self._database.path, whose):
            return stored_plan_document.decode(data, number)

    def list_plans(self) -> tuple[StoredPlan, ...]:
        """All that can be read. Raises StateError: state-damaged, state-sealed, vault-key-missing."""
        with self._database.reading() as connection:
            numbers = [row["number"] for row in connection.execute("SELECT number FROM plans ORDER BY number")]
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

    def _delete_old(self, connection: Connection, newest: StoredPlan) -> None:
        its_own = {"environment": newest.plan.environment, "deployment": newest.plan.deployment}
        limits = {"kept": KEPT_PLANS, "oldest": newest.caller.at - KEPT_DAYS * _DAY_S}
        connection.execute(_DELETE_OLD, {**its_own, **limits, "newest": newest.number})


def _place(number: int) -> RowPlace:
    return RowPlace(table="plans", column="document", key=(str(number),))
