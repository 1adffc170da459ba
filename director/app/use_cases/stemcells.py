"""The use case `stemcells`: the stemcells of an environment, by its clouds' own word.

Takes a Session, gives a table.
"""

from collections.abc import Mapping

from cpi.contract.values import FoundStemcell, JsonValue
from director.app.sessions import fingerprints, stock_images
from director.app.sessions.session import Session
from director.model import cloud_names
from director.model.environments.uploaded_stemcell import UploadedStemcell
from director.model.report import Table
from director.report import task_rows


def list_stemcells(session: Session) -> Table:
    """Every stemcell from which VMs can be created, with the deployments that have VMs of it."""
    environment = fingerprints.known_environment(session)
    records = {(one.cloud, str(one.action)): one for one in environment.uploaded}
    users: dict[tuple[str, str], set[str]] = {}
    for state in session.world.store.list_deployments(environment.name):
        for vm in (record.vm for record in state.instances if record.vm):
            users.setdefault((vm.cloud, vm.stemcell_cid), set()).add(str(state.deployment))
    return Table(
        name="stemcells",
        columns=("name", "os", "version", "architecture", "cloud", "cid", "used_by"),
        rows=tuple(
            {
                "name": _name(records, cloud, found),
                "os": found.os,
                "version": found.version,
                "architecture": found.architecture,
                "cloud": cloud_names.shown_name(cloud),
                "cid": found.cid,
                "used_by": sorted(users.get((cloud, found.cid), ())),
                **_facts(records.get((cloud, found.owner.action))),
            }
            for cloud in session.world.clouds
            for found in stock_images.stemcells_on(session, cloud, environment.name)
        ),
        empty=f"Environment '{environment.name}' has no stemcells.",
    )


def _name(records: Mapping[tuple[str, str], UploadedStemcell], cloud: str, found: FoundStemcell) -> str:
    """The name under which it was uploaded; "" for a stock image and the cloud's default stemcell."""
    record = records.get((cloud, found.owner.action))
    if record is None:
        return ""
    return f"{record.name} (replaced)" if record.is_replaced else record.name


def _facts(record: UploadedStemcell | None) -> Mapping[str, JsonValue]:
    """What an upload recorded; in JSON alone."""
    if record is None:
        return {}
    return {
        "formats": list(record.formats),
        "api_version": record.api_version,
        "digest": record.digest,
        "sha1": record.image_sha1,
        "origin": record.origin,
        "uploaded": task_rows.time_text(record.uploaded_at),
    }
