"""The use case `stemcells`: the stemcells of an environment, by its clouds' own word.

Takes a Session, gives a table.
"""

from director.app.sessions import fingerprints, stock_images
from director.app.sessions.session import Session
from director.model import cloud_names
from director.model.report import Table


def list_stemcells(session: Session) -> Table:
    """Every stemcell from which VMs can be created, with the deployments that have VMs of it."""
    environment = fingerprints.known_environment(session)
    users: dict[tuple[str, str], set[str]] = {}
    for state in session.world.store.list_deployments(environment.name):
        for vm in (record.vm for record in state.instances if record.vm):
            users.setdefault((vm.cloud, vm.stemcell_cid), set()).add(state.deployment)
    return Table(
        name="stemcells",
        columns=("os", "version", "architecture", "cloud", "cid", "used_by"),
        rows=tuple(
            {
                "os": found.os,
                "version": found.version,
                "architecture": found.architecture,
                "cloud": cloud_names.shown_name(cloud),
                "cid": found.cid,
                "used_by": sorted(users.get((cloud, found.cid), ())),
            }
            for cloud in session.world.clouds
            for found in stock_images.stemcells_on(session, cloud, environment.name)
        ),
        empty=f"Environment '{environment.name}' has no stemcells.",
    )
