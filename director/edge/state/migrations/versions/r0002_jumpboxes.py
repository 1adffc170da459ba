"""Environments know a jumpbox for each cloud; before they knew one.

Takes environments of revision 0001, gives the same with `jumpboxes`.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ENVIRONMENTS = sa.table("environments", sa.column("name", sa.String), sa.column("document", sa.Text))


def upgrade() -> None:
    """Rewrite each environment's document."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(_ENVIRONMENTS)).all():
        document = json.dumps(_with_jumpboxes(json.loads(row.document)))
        connection.execute(sa.update(_ENVIRONMENTS).where(_ENVIRONMENTS.c.name == row.name).values(document=document))


def _with_jumpboxes(document: dict[str, Any]) -> dict[str, Any]:
    """The one jumpbox was on the first cloud."""
    address, endpoint, host_key = (document.pop(f"jumpbox_{key}") for key in ("address", "endpoint", "host_key"))
    cloud = document["clouds"][0]["name"]
    jumpbox = {"cloud": cloud, "address": address, "endpoint": endpoint, "host_key": host_key}
    return {**document, "jumpboxes": [jumpbox] if endpoint else []}
