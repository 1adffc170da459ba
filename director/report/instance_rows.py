"""Instances and their processes as rows of a table.

Takes what is recorded and observed, gives rows.
"""

from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.values import JsonValue
from director.model.agents.agent_state import AgentState
from director.model.environments.observed import NoAnswer, Observed
from director.model.environments.state import DesiredPower, InstanceRecord
from director.report import vitals

_RIGHT = {
    DesiredPower.STARTED: ("running",),
    DesiredPower.STOPPED: ("stopped",),
    DesiredPower.DETACHED: ("detached",),
}
"""The states in which an instance is as it is wanted."""


def instance_rows(
    observed: Observed,
    record: InstanceRecord,
    full: AgentState | None,
    *,
    has_processes: bool,
    has_cloud_properties: bool = False,
) -> Iterator[Mapping[str, JsonValue]]:
    """An instance, then its processes if asked for; `full` is its agent's answer with vitals."""
    agent = observed.agents.get(record.id)
    name = {"deployment": str(observed.state.deployment), "instance": record.name}
    yield {
        **name,
        "id": record.id,
        "state": f"{_state_word(record, agent)}{' (ignored)' if record.is_ignored else ''}",
        "az": record.az or "",
        "ips": [ip for ip in _addresses(record).values() if ip],
        "vm_cid": record.vm.cid if record.vm else "",
        "disk_cids": [disk.cid for disk in (record.disk, *record.named_disks.values()) if disk],
        "named_disks": {name: disk.cid for name, disk in record.named_disks.items()},
        **({"cloud_properties": dict(record.vm.cloud_properties)} if has_cloud_properties and record.vm else {}),
        **(vitals.of_vm(full.vitals) if full and full.vitals else {}),
    }
    if has_processes and isinstance(agent, AgentState):
        for process in (full or agent).processes:
            row = {**name, "process": process.name, "state": process.state}
            yield {**row, **vitals.of_process(process)} if full else row


def failing_rows(
    rows: Sequence[Mapping[str, JsonValue]], record: InstanceRecord
) -> tuple[Mapping[str, JsonValue], ...]:
    """The rows of an instance that is not as it is wanted, or has a process that does not run; else none.

    Of processes only those that do not run are left.
    """
    instance, *processes = rows
    stopped = [row for row in processes if row["state"] != "running"]
    is_right = str(instance["state"]).removesuffix(" (ignored)") in _RIGHT[record.wanted]
    return () if is_right and not stopped else (instance, *stopped)


def _addresses(record: InstanceRecord) -> Mapping[str, str]:
    """Those of its VM, also what the cloud chose; without one those that are kept for it."""
    return {net.name: net.ip or "" for net in record.vm.networks} if record.vm else record.addresses


def _state_word(record: InstanceRecord, agent: AgentState | NoAnswer | None) -> str:
    if record.vm is None:
        return record.wanted.value if record.wanted.value != "started" else "no vm"
    if isinstance(agent, AgentState):
        return agent.job_state.value
    return f"unresponsive agent ({agent.code})" if agent else "vm missing"
