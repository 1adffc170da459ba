"""The recorded instances that a group keeps, and those that are no longer desired.

Takes groups and records, gives candidates for each group and the rest.
Source: cloudfoundry/bosh deployment_plan/job_migrator.rb, instance_planner.rb.
"""

from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.model.environments.desired import Group, Lifecycle
from director.model.environments.state import InstanceRecord
from director.model.ids import GroupName


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Candidates by group, sorted by index, those of the group's own name first; `unneeded` belong to no group."""

    candidates: Mapping[GroupName, tuple[InstanceRecord, ...]]
    unneeded: tuple[InstanceRecord, ...]


def match_records(groups: Sequence[Group], records: Iterable[InstanceRecord]) -> Matched:
    """Give each record to the group of its name, or to the one that migrates from it."""
    heirs = {name: group.name for group in groups for name in (group.name, *group.migrated_from)}
    ordered = sorted(records, key=lambda record: (record.group, record.index, record.id))
    candidates = {
        group.name: tuple(
            sorted(
                (record for record in ordered if heirs.get(record.group) == group.name),
                key=lambda record, name=group.name: (record.group != name, record.index),  # type: ignore[misc]
            )
        )
        for group in groups
    }
    return Matched(candidates=candidates, unneeded=tuple(record for record in ordered if record.group not in heirs))


def is_on_call(group: Group, candidates: Iterable[InstanceRecord]) -> bool:
    """Whether a deploy cares for the group's instances: service groups, and errand groups with a VM kept alive."""
    return group.lifecycle is Lifecycle.SERVICE or any(record.vm for record in candidates)
