"""The Configs port for real: each version in one sealed row.

Takes and gives values of director.model.configs.
"""

from collections.abc import Iterable
from dataclasses import replace

from director.edge.secrets.sealing import RowPlace
from director.edge.state import sql_database
from director.edge.state.sql_database import Database
from director.model import as_data
from director.model.configs import StoredConfig
from director.model.ids import EnvironmentName

_LISTED = "SELECT number, document FROM configs WHERE environment = :environment AND NOT is_deleted ORDER BY number"
_ENVIRONMENTS = "SELECT DISTINCT environment FROM configs WHERE NOT is_deleted ORDER BY environment"
_CURRENT = (
    "SELECT max(number) FROM configs "
    "WHERE environment = :environment AND type = :type AND name = :name AND NOT is_deleted"
)
_DELETE = "UPDATE configs SET is_deleted = TRUE, document = :document WHERE number = :number"


class SqlConfigs:
    """A number is one above the highest there is: a deleted version keeps its row, without its content."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_configs(self, environment: EnvironmentName) -> tuple[StoredConfig, ...]:
        """Those of the environment. Raises StateError: state-damaged, state-sealed, vault-key-missing."""
        with self._database.reading() as connection:
            rows = connection.execute(_LISTED, {"environment": environment}).fetchall()
        return tuple(self._opened(row["document"], row["number"]) for row in rows)

    def list_environments(self) -> tuple[EnvironmentName, ...]:
        """The names alone: nothing is unsealed."""
        with self._database.reading() as connection:
            rows = connection.execute(_ENVIRONMENTS).fetchall()
        return tuple(EnvironmentName(row["environment"]) for row in rows)

    def save_config(self, config: StoredConfig, *, replaces: int) -> StoredConfig | None:
        """Insert the row, unless the current version is another one than `replaces`."""
        key = {"environment": config.environment, "type": config.type.value, "name": config.name}
        with self._database.transaction() as connection:
            if (sql_database.first_value(connection, _CURRENT, key) or 0) != replaces:
                return None
            number = sql_database.next_number(connection, "configs")
            saved = replace(config, number=number)
            row = {**key, "number": number, "is_deleted": False, "document": self._sealed(saved)}
            sql_database.insert(connection, "configs", row)
        return saved

    def delete_configs(self, configs: Iterable[StoredConfig]) -> None:
        """Mark the rows, and replace their content."""
        with self._database.transaction() as connection:
            for config in configs:
                emptied = {"number": config.number, "document": self._sealed(replace(config, content=""))}
                connection.execute(_DELETE, emptied)

    def _sealed(self, config: StoredConfig) -> bytes:
        return self._database.documents.seal(as_data.encode(config), _place(config.number))

    def _opened(self, sealed: object, number: int) -> StoredConfig:
        whose = f"config {number}"
        return self._database.documents.open_value(StoredConfig, sealed, _place(number), whose=whose)


def _place(number: int) -> RowPlace:
    return RowPlace(table="configs", column="document", key=(str(number),))
