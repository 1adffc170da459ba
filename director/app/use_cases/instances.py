"""The use case `instances`: every instance as its agent sees it now.

Takes a Session, gives a table.
"""

from collections.abc import Iterator, Mapping

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.app.sessions import fingerprints
from director.app.sessions.session import Session
from director.errors import AgentError
from director.model.agents.agent_state import AgentState
from director.model.environments.environment import Environment
from director.model.environments.observed import Observed
from director.model.environments.state import InstanceRecord
from director.model.report import Table
from director.observe import front as observing
from director.report import instance_rows, vitals


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceColumns:
    """What is listed of each instance besides its state, addresses and VM."""

    has_processes: bool = False
    has_vitals: bool = False
    has_details: bool = False
    has_cloud_properties: bool = False
    is_failing: bool = False
    """Only instances that are not as they should be, and processes that do not run."""


def list_instances(session: Session, name: str | None, wanted: InstanceColumns) -> Table:
    """The deployment's instances as their agents see them now; of all deployments when `name` is None."""
    rows = tuple(_rows(session, name, wanted))
    return Table(
        name="instances",
        columns=_columns(wanted),
        rows=rows,
        empty="No failing instances." if wanted.is_failing else "No instances.",
        count=sum("process" not in row for row in rows),
        less_important=() if wanted.has_details else ("vm_cid",),
    )


def list_vms(session: Session, name: str | None, wanted: InstanceColumns) -> Table:
    """The same of instances that have a VM."""
    rows = tuple(row for row in _rows(session, name, wanted) if row["vm_cid"])
    return Table(name="vms", columns=_columns(wanted), rows=rows, empty="No VMs.")


def _rows(session: Session, name: str | None, wanted: InstanceColumns) -> Iterator[Mapping[str, JsonValue]]:
    environment = fingerprints.known_environment(session)
    states = session.world.store.list_deployments(environment.name)
    names = [name] if name is not None else [str(state.deployment) for state in states]
    for each in names:
        state = session.deployment(each)
        observed = observing.observe_to_adopt(session.world, environment, desired=None, state=state)
        for record in sorted(state.instances, key=lambda record: (record.group, record.index)):
            full = _full_state(session, environment, record, observed=observed) if wanted.has_vitals else None
            of_it = instance_rows.instance_rows(
                observed,
                record,
                full,
                has_processes=wanted.has_processes,
                has_cloud_properties=wanted.has_cloud_properties,
            )
            yield from instance_rows.failing_rows(tuple(of_it), record) if wanted.is_failing else of_it


def _columns(wanted: InstanceColumns) -> tuple[str, ...]:
    process = ("process",) if wanted.has_processes else ()
    details = ("id", "disk_cids") if wanted.has_details else ()
    properties = ("cloud_properties",) if wanted.has_cloud_properties else ()
    measured = vitals.COLUMNS if wanted.has_vitals else ()
    return ("deployment", "instance", *process, "state", "az", "ips", "vm_cid", *details, *properties, *measured)


def _full_state(
    session: Session, environment: Environment, record: InstanceRecord, *, observed: Observed
) -> AgentState | None:
    """With vitals; None for an agent that is silent, or fell silent meanwhile."""
    is_answering = isinstance(observed.agents.get(record.id), AgentState)
    target = environment.target_of(record.vm, record.name) if record.vm and is_answering else None
    if target is None:
        return None
    try:
        return session.world.agent.get_state(target, is_full=True)
    except AgentError:
        return None
