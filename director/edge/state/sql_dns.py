"""Published DNS records in the database: one row for each deployment, one version for each environment.

Takes a connection, gives values. Nothing in them is secret: every VM has them.
"""

import json

import sqlalchemy as sa

from director.edge.state import sql_documents
from director.edge.state.sql_database import Database
from director.edge.state.sql_tables import DNS_RECORDS
from director.model import as_data
from director.model.environments.deployment_dns import PublishedDns, StoredDns
from director.model.ids import DeploymentName, EnvironmentName


def publish(database: Database, environment: EnvironmentName, dns: StoredDns | None, *, at: float) -> PublishedDns:
    """Put one deployment's records in the place of its former ones; give all, with their version.

    One transaction: what has a higher version has all that a lower one has.
    """
    with database.transaction() as connection:
        return _publish(database, connection, environment, dns=dns, at=at)


def load(database: Database, environment: EnvironmentName, deployment: DeploymentName) -> StoredDns | None:
    """What was last published of a deployment."""
    with database.reading() as connection:
        row = connection.execute(_of(environment).where(DNS_RECORDS.c.deployment == deployment)).first()
    return _read(database, row) if row else None


def _publish(
    database: Database, connection: sa.Connection, environment: EnvironmentName, *, dns: StoredDns | None, at: float
) -> PublishedDns:
    rows = connection.execute(_of(environment).order_by(DNS_RECORDS.c.deployment)).all()
    stored = {row.deployment: _read(database, row) for row in rows}
    version = max((row.version for row in rows), default=0)
    if dns is not None:
        name = dns.dns.deployment
        known = stored.get(name)
        if known is None or known.dns != dns.dns:
            version = max(version + 1, int(at * 1000))
        elif known.is_sent:
            dns = known
        if known != dns:
            values = {"version": version, "document": json.dumps(as_data.encode(dns))}
            key = {"environment": environment, "deployment": name}
            connection.execute(database.upsert(DNS_RECORDS, key, values, update=values))
            stored[name] = dns
    return PublishedDns(version=version, deployments=tuple(stored[name].dns for name in sorted(stored)))


def _of(environment: EnvironmentName) -> "sa.Select[tuple[str, int, str]]":
    columns = sa.select(DNS_RECORDS.c.deployment, DNS_RECORDS.c.version, DNS_RECORDS.c.document)
    return columns.where(DNS_RECORDS.c.environment == environment)


def _read(database: Database, row: "sa.Row[tuple[str, int, str]]") -> StoredDns:
    whose = f"DNS records of deployment '{row.deployment}'"
    return sql_documents.read_value(StoredDns, row.document, database.path, whose=whose)
