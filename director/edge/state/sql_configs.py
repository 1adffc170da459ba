"""The Configs port for real: each version in one sealed row.

Takes and gives values of director.model.configs.
"""

from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa

from director.edge.secrets.sealing import RowPlace
from director.edge.state.sql_database import Database
from director.edge.state.sql_tables import CONFIGS
from director.model import as_data
from director.model.configs import StoredConfig
from director.model.ids import EnvironmentName


class SqlConfigs:
    """A number is one above the highest there is: a deleted version keeps its row, without its content."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_configs(self, environment: EnvironmentName) -> tuple[StoredConfig, ...]:
        """Those of the environment. Raises StateError: state-damaged, state-sealed, vault-key-missing."""
        is_listed = (CONFIGS.c.environment == environment, CONFIGS.c.is_deleted.is_(False))
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(CONFIGS).where(*is_listed).order_by(CONFIGS.c.number)).all()
        return tuple(self._opened(row.document, row.number) for row in rows)

    def save_config(self, config: StoredConfig, *, replaces: int) -> StoredConfig | None:
        """Insert the row, unless the current version is another one than `replaces`."""
        is_same = (
            CONFIGS.c.environment == config.environment,
            CONFIGS.c.type == config.type.value,
            CONFIGS.c.name == config.name,
            CONFIGS.c.is_deleted.is_(False),
        )
        with self._database.transaction() as connection:
            current = connection.execute(sa.select(sa.func.max(CONFIGS.c.number)).where(*is_same)).scalar() or 0
            if current != replaces:
                return None
            number = int(connection.execute(sa.select(sa.func.max(CONFIGS.c.number))).scalar() or 0) + 1
            saved = replace(config, number=number)
            row = {
                "number": number,
                "environment": saved.environment,
                "type": saved.type.value,
                "name": saved.name,
                "is_deleted": False,
                "document": self._sealed(saved),
            }
            connection.execute(sa.insert(CONFIGS).values(row))
        return saved

    def delete_configs(self, configs: Iterable[StoredConfig]) -> None:
        """Mark the rows, and replace their content."""
        with self._database.transaction() as connection:
            for config in configs:
                values = {"is_deleted": True, "document": self._sealed(replace(config, content=""))}
                connection.execute(sa.update(CONFIGS).where(CONFIGS.c.number == config.number).values(values))

    def _sealed(self, config: StoredConfig) -> bytes:
        return self._database.documents.seal(as_data.encode(config), _place(config.number))

    def _opened(self, sealed: object, number: int) -> StoredConfig:
        whose = f"config {number}"
        return self._database.documents.open_value(StoredConfig, sealed, _place(number), whose=whose)


def _place(number: int) -> RowPlace:
    return RowPlace(table="configs", column="document", key=(str(number),))
