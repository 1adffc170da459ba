"""The use case `instances`: every instance as its agent sees it now.

Takes a Session, gives a table.
"""

from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.values import JsonValue
from director.app import fingerprints
from director.app.session import Session
from director.errors import AgentError
from director.model.agent_state import AgentState
from director.model.environment import Environment
from director.model.observed import Observed, Silence
from director.model.report import Table
from director.model.state import InstanceRecord
from director.observe import front as observing

_VITALS = ("load", "cpu", "memory", "disk")


def list_instances(session: Session, name: str, *, has_processes: bool, has_vitals: bool) -> Table:
    """The deployment's instances as their agents see them now; of all deployments when `name` is ""."""
    environment = fingerprints.known_environment(session)
    wanted = [name] if name else [s.deployment for s in session.world.store.list_deployments(environment.name)]
    rows: list[Mapping[str, JsonValue]] = []
    for each in wanted:
        state = session.deployment(each)
        observed = observing.observe_world(session.world, environment, desired=None, state=state)
        for record in sorted(state.instances, key=lambda record: (record.group, record.index)):
            extra = _vitals(session, environment, record) if has_vitals and _answers(observed, record) else {}
            rows.extend(_rows(observed, record, extra=extra, has_processes=has_processes))
    vitals = _VITALS if has_vitals else ()
    columns = ("deployment", "instance", "process", "state", "az", "ips", "vm_cid", *vitals)
    return Table(
        name="instances",
        columns=tuple(column for column in columns if column != "process" or has_processes),
        rows=tuple(rows),
        empty="No instances.",
        count=sum("process" not in row for row in rows),
    )


def _rows(
    observed: Observed, record: InstanceRecord, *, extra: Mapping[str, JsonValue], has_processes: bool
) -> Iterator[Mapping[str, JsonValue]]:
    agent = observed.agents.get(record.id)
    row: dict[str, JsonValue] = {
        "deployment": observed.state.deployment,
        "instance": record.name,
        "id": record.id,
        "state": _state_word(record, agent),
        "az": record.az,
        "ips": [ip for ip in record.addresses.values() if ip],
        "vm_cid": record.vm.cid if record.vm else "",
        **extra,
    }
    yield row
    if has_processes and isinstance(agent, AgentState):
        for process in agent.processes:
            yield {
                "deployment": row["deployment"],
                "instance": record.name,
                "process": process.name,
                "state": process.state,
            }


def _state_word(record: InstanceRecord, agent: AgentState | Silence | None) -> str:
    if record.vm is None:
        return record.wanted.value if record.wanted.value != "started" else "no vm"
    if isinstance(agent, AgentState):
        return agent.job_state.value
    return f"unresponsive agent ({agent.code})" if agent else "vm missing"


def _answers(observed: Observed, record: InstanceRecord) -> bool:
    return isinstance(observed.agents.get(record.id), AgentState)


def _vitals(session: Session, environment: Environment, record: InstanceRecord) -> Mapping[str, JsonValue]:
    """Load, processor, memory and disks in words; nothing when the agent fell silent meanwhile."""
    target = environment.target_of(record.vm, record.name) if record.vm else None
    if target is None:
        return {}
    try:
        answer = session.world.agent.call(target, "get_state", {"full": True}, watch=_unheard)
    except AgentError:
        return {}
    vitals = answer.get("vitals") if isinstance(answer, Mapping) else None
    return _words(vitals) if isinstance(vitals, Mapping) else {}


def _words(vitals: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    load, cpu, memory, disks = (vitals.get(name) for name in ("load", "cpu", "mem", "disk"))
    return {
        "load": " ".join(str(each) for each in load) if isinstance(load, Sequence) else "",
        "cpu": _percents(cpu),
        "memory": f"{memory.get('percent')}%" if isinstance(memory, Mapping) else "",
        "disk": _percents(disks),
    }


def _percents(parts: JsonValue) -> str:
    """ "system 12.0%, persistent 3.1%"."""
    if not isinstance(parts, Mapping):
        return ""
    shares = {name: part.get("percent") if isinstance(part, Mapping) else part for name, part in parts.items()}
    return ", ".join(f"{name} {share}%" for name, share in shares.items())


def _unheard(line: str) -> None:
    """Nobody watches a look."""
