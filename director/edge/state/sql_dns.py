"""Published DNS records in the database: one row for each deployment, one version for each environment.

Takes a connection, gives values. Nothing in them is secret: every VM has them.
"""

import json

from director.edge.state import sql_database, sql_documents
from director.edge.state.sql_database import Connection, Database, Row
from director.model import as_data
from director.model.environments.deployment_dns import PublishedDns, StoredDns
from director.model.ids import EnvironmentName, OwnerName

_ALL = "SELECT deployment, version, document FROM dns_records WHERE environment = :environment ORDER BY deployment"
_ONE = "SELECT deployment, document FROM dns_records WHERE environment = :environment AND deployment = :deployment"


def publish(database: Database, environment: EnvironmentName, dns: StoredDns | None, *, at: float) -> PublishedDns:
    """Put one deployment's records in the place of its former ones; give all, with their version.

    One transaction: what has a higher version has all that a lower one has.
    """
    with database.transaction() as connection:
        return _publish(database, connection, environment, dns=dns, at=at)


def load(database: Database, environment: EnvironmentName, deployment: OwnerName) -> StoredDns | None:
    """What was last published of a deployment."""
    with database.reading() as connection:
        row = connection.execute(_ONE, {"environment": environment, "deployment": deployment}).fetchone()
    return _read(database, row) if row else None


def _publish(
    database: Database, connection: Connection, environment: EnvironmentName, *, dns: StoredDns | None, at: float
) -> PublishedDns:
    rows = connection.execute(_ALL, {"environment": environment}).fetchall()
    stored = {row["deployment"]: _read(database, row) for row in rows}
    version = max((row["version"] for row in rows), default=0)
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
            sql_database.upsert(connection, "dns_records", key, values=values)
            stored[name] = dns
    return PublishedDns(version=version, deployments=tuple(stored[name].dns for name in sorted(stored)))


def _read(database: Database, row: Row) -> StoredDns:
    whose = f"DNS records of deployment '{row['deployment']}'"
    return sql_documents.read_value(StoredDns, row["document"], database.path, whose=whose)
