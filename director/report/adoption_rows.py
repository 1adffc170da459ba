"""What `adopt` records and finds as rows of a table.

Takes values of the plan, gives rows.
"""

from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.values import JsonValue
from director.model.environments.observed import NOT_ORPHANED, ORPHAN_TAG
from director.model.environments.state import InstanceRecord
from director.model.report import Table

COLUMNS = ("deployment", "instance", "resources", "state")


def adopted_row(deployment: str, record: InstanceRecord, difference: str) -> Mapping[str, JsonValue]:
    """An instance that is recorded; `difference` is what its next deploy changes."""
    resources = [*([f"VM {record.vm.cid}"] if record.vm else []), *(f"disk {disk.cid}" for disk in record.disks)]
    state = f"recorded; {difference}" if difference else "recorded"
    return {"deployment": deployment, "instance": record.name, "resources": resources, "state": state}


def missing_row(deployment: str, instance: str) -> Mapping[str, JsonValue]:
    """An instance of the manifest of which no cloud has anything."""
    return {"deployment": deployment, "instance": instance, "resources": [], "state": "its VM and disks are missing"}


def other_row(
    deployment: str, resource: str, *, tags: Mapping[str, str] | None = None, state: str = ""
) -> Mapping[str, JsonValue]:
    """A resource without a record, or a record without its resource."""
    known = tags or {}
    group, index = known.get("instance_group", ""), known.get("index", "")
    is_orphan = known.get(ORPHAN_TAG, NOT_ORPHANED) != NOT_ORPHANED
    return {
        "deployment": deployment,
        "instance": f"{group}/{index}" if group else "",
        "resources": [resource],
        "state": state or ("orphaned, not recorded" if is_orphan else "not recorded"),
    }


def table(rows: Sequence[Mapping[str, JsonValue]]) -> Table:
    """All of them."""
    return Table(name="adopted", columns=COLUMNS, rows=tuple(rows), empty="Nothing to record.")


def adopted_rows(
    deployment: str, adopted: Sequence[tuple[InstanceRecord, str]], missing: Sequence[str]
) -> Iterator[Mapping[str, JsonValue]]:
    """The instances of one deployment: each record with its difference, and the names of missing ones."""
    yield from (adopted_row(deployment, record, difference) for record, difference in adopted)
    yield from (missing_row(deployment, name) for name in missing)
