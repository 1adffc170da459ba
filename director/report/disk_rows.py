"""Persistent disks and snapshots as rows of tables.

Takes what is listed, gives rows.
"""

from collections.abc import Mapping

from cpi.contract.values import JsonValue
from director.model import cloud_names
from director.model.environments.listed_disks import ListedDisk, ListedSnapshot
from director.report import overview_text, task_rows, time_words

COLUMNS = ("disk_cid", "size", "deployment", "instance", "state", "age")
SNAPSHOT_COLUMNS = ("instance", "snapshot_cid", "created", "deployment")


def disk_row(disk: ListedDisk, *, now: float) -> Mapping[str, JsonValue]:
    """A disk; `age` is how long it has been an orphan, "" where that is not known."""
    at, found = disk.orphaned_at, disk.found
    used = "attached" if found.vm_cid else "detached"
    return {
        "disk_cid": found.cid,
        "size": overview_text.size_words(found.size_mib),
        "deployment": disk.deployment,
        "instance": disk.instance,
        "state": "orphaned" if disk.is_orphan else used if disk.is_recorded else "not recorded",
        "age": time_words.span_text(now - at) if at else "",
        "size_mib": found.size_mib,
        "vm_cid": found.vm_cid,
        "cloud": cloud_names.shown_name(disk.cloud),
        "orphaned_at": time_words.utc_text(at) if at else None,
    }


def snapshot_row(snapshot: ListedSnapshot) -> Mapping[str, JsonValue]:
    """A snapshot, with the disk whose content it has."""
    return {
        "instance": snapshot.instance,
        "snapshot_cid": snapshot.cid,
        "created": task_rows.time_text(snapshot.created_at) if snapshot.created_at else "",
        "deployment": snapshot.deployment,
        "disk_cid": snapshot.disk_cid,
        "cloud": cloud_names.shown_name(snapshot.cloud),
    }
