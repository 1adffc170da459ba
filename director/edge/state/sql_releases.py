"""The ReleaseRecords port for real: one row for each uploaded release.

Takes and gives values of director.model.releases.uploaded_release.
"""

import json
from collections.abc import Mapping

from director.edge.state import sql_database, sql_documents
from director.edge.state.sql_database import Database
from director.model import as_data
from director.model.releases.uploaded_release import UploadedRelease

_LISTED = "SELECT name, version, document FROM releases ORDER BY name, version, compiled_for"
_DELETE = "DELETE FROM releases WHERE name = :name AND version = :version AND compiled_for = :compiled_for"


class SqlReleases:
    """Implements ports.release_records.ReleaseRecords."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_releases(self) -> tuple[UploadedRelease, ...]:
        """All of the home. Raises StateError, code `state-damaged`."""
        with self._database.reading() as connection:
            rows = connection.execute(_LISTED).fetchall()
        return tuple(
            sql_documents.read_value(
                UploadedRelease,
                row["document"],
                self._database.path,
                whose=f"release '{row['name']}/{row['version']}'",
            )
            for row in rows
        )

    def save_release(self, release: UploadedRelease) -> None:
        """Insert or replace the row."""
        values = {"document": json.dumps(as_data.encode(release))}
        with self._database.transaction() as connection:
            sql_database.upsert(connection, "releases", _key(release), values=values)

    def delete_release(self, release: UploadedRelease) -> None:
        """Remove the row."""
        with self._database.transaction() as connection:
            connection.execute(_DELETE, _key(release))


def _key(release: UploadedRelease) -> Mapping[str, object]:
    return {"name": release.name, "version": release.version, "compiled_for": release.compiled_for}
