"""A state that an earlier version wrote is read after its upgrade."""

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from cpi.contract.values import Endpoint, SshAccess
from director.edge.secrets.vault_key import VaultKey
from director.edge.state import sql_upgrade
from director.edge.state.lease_files import LeaseFiles
from director.edge.state.sql_store import SqlStore
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.environment import CloudChoice, Environment, Jumpbox
from director.model.ids import EnvironmentName
from director.model.secret_ref import SecretRef
from tests.support import homes

NAME = EnvironmentName("old")
OLD = {
    "name": NAME,
    "clouds": [{"name": "", "plugin": "local", "properties": {}}],
    "ssh": {"user": "root", "public_key": "ssh-ed25519 key"},
    "ssh_key": {"$secret": ["/old/ssh_key", "private_key"]},
    "landing": [],
    "stemcells": [],
    "variables": {"jumpbox_public_ip": "203.0.113.1"},
    "jumpbox_address": "203.0.113.1",
    "jumpbox_endpoint": {"host": "127.0.0.9", "port": 2222},
    "jumpbox_host_key": "ssh-ed25519 host",
}
BUILT = Jumpbox(
    cloud=ONLY_CLOUD, address="203.0.113.1", endpoint=Endpoint(host="127.0.0.9", port=2222), host_key="ssh-ed25519 host"
)


@pytest.mark.parametrize(
    ("endpoint", "jumpboxes"), [(OLD["jumpbox_endpoint"], (BUILT,)), (None, ())], ids=["built", "never built"]
)
def test_an_environment_with_one_jumpbox_becomes_one_with_a_jumpbox_on_its_cloud(
    tmp_path: Path, endpoint: object, jumpboxes: tuple[Jumpbox, ...]
) -> None:
    _write_revision_1(tmp_path / "state.db", {**OLD, "jumpbox_endpoint": endpoint})
    database = homes.open_database(tmp_path)
    try:
        found = SqlStore(database, LeaseFiles(tmp_path / "leases")).load_environment(NAME)
    finally:
        database.close()
    assert found == Environment(
        name=NAME,
        clouds=(CloudChoice(name=ONLY_CLOUD, plugin="local"),),
        ssh=SshAccess(user="root", public_key="ssh-ed25519 key"),
        ssh_key=SecretRef(name="/old/ssh_key", path=("private_key",)),
        variables={"jumpbox_public_ip": "203.0.113.1"},
        jumpboxes=jumpboxes,
    )


def test_a_new_state_is_what_all_revisions_lead_to(tmp_path: Path) -> None:
    homes.open_database(tmp_path / "new").close()
    upgraded = tmp_path / "upgraded.db"
    sql_upgrade.upgrade(upgraded, VaultKey(tmp_path / "vault.key", vault=tmp_path / "vault"))
    assert _schema_of(tmp_path / "new/state.db") == _schema_of(upgraded)


def _schema_of(path: Path) -> dict[str, object]:
    """All that a file says of itself; how its statements are broken into lines says nothing."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        statements = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        pragmas = ("auto_vacuum", "encoding", "journal_mode", "page_size", "user_version")
        return {
            **{name: "".join(statement.split()) for name, statement in statements},
            **{pragma: connection.execute(f"PRAGMA {pragma}").fetchone() for pragma in pragmas},
            "revisions": connection.execute("SELECT version_num FROM alembic_version").fetchall(),
        }


def _write_revision_1(path: Path, environment: object) -> None:
    engine = sa.create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(Path(sql_upgrade.__file__).parent / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        row = {"name": NAME, "document": json.dumps(environment)}
        connection.execute(sa.text("INSERT INTO environments (name, document) VALUES (:name, :document)"), row)
        connection.commit()
    engine.dispose()
