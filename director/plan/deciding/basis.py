"""What a plan was decided from, as digests by name, and what of it has moved since.

Takes what a plan is made from, gives a Basis; takes two of them, gives the differences. A digest shows that a value
changed, but not the value: it reveals no secret.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from enum import Enum

from cpi.contract.value_classes import dataclass
from director.model import as_data
from director.model.agents.agent_state import AgentState, JobState
from director.model.environments.desired import Desired
from director.model.environments.environment import Environment
from director.model.environments.observed import INSTANCE_TAG, NoAnswer, Observed
from director.model.tasks.stored_plan import Basis


class BasisPart(Enum):
    """The kinds of things that a plan is decided from."""

    DEPLOYMENT = "deployment"
    ENVIRONMENT = "environment"
    CONFIG = "config"
    RELEASE = "release"
    VM = "vm"
    DISK = "disk"
    AGENT = "agent"
    SECRET = "secret"  # noqa: S105  (a kind of thing, not a secret)
    PACKAGE = "package"


GIVEN = frozenset({BasisPart.ENVIRONMENT, BasisPart.CONFIG, BasisPart.RELEASE})
"""Those that a run does not change by itself: they must be the same also for what is left of an interrupted plan."""


class Move(Enum):
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One thing that is not as it was."""

    part: BasisPart
    name: str
    move: Move


def basis_of(environment: Environment, desired: Desired, observed: Observed, *, configs: Mapping[str, object]) -> Basis:
    """Everything that the plan depends on; `configs` are the documents that were read beside the manifest, as data."""
    parts: Mapping[BasisPart, Mapping[str, object]] = {
        BasisPart.DEPLOYMENT: {desired.deployment: as_data.encode(replace(observed.state, serial=0))},
        BasisPart.ENVIRONMENT: {
            each.name: as_data.encode(getattr(environment, each.name)) for each in fields(environment)
        },
        BasisPart.CONFIG: configs,
        BasisPart.RELEASE: dict(_releases(desired)),
        BasisPart.VM: dict(_vms(observed)),
        BasisPart.DISK: dict(_disks(observed)),
        BasisPart.AGENT: dict(_agents(observed)),
        BasisPart.SECRET: dict(observed.secret_versions),
        BasisPart.PACKAGE: {each.name: each.key in observed.compiled for each in desired.packages},
    }
    return {part.value: {name: _digest(data) for name, data in things.items()} for part, things in parts.items()}


def moved_parts(before: Basis, now: Basis) -> tuple[Moved, ...]:
    """What differs, kind by kind and by name."""
    return tuple(
        Moved(part=part, name=name, move=move)
        for part in BasisPart
        for name, move in _moves(before.get(part.value, {}), now.get(part.value, {}))
    )


def _moves(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, Move]]:
    for name in sorted({*before, *now}):
        if name not in now:
            yield name, Move.REMOVED
        elif name not in before:
            yield name, Move.ADDED
        elif before[name] != now[name]:
            yield name, Move.CHANGED


def _releases(desired: Desired) -> Iterator[tuple[str, object]]:
    """What each release brings to this deployment: its jobs with their files, its packages by their fingerprints."""
    jobs = [(job.release, job) for group in desired.groups for job in group.jobs]
    for release in sorted({name for name, _ in jobs} | {package.release for package in desired.packages}):
        used = {
            f"{job.name}/{job.release_version}": as_data.encode(replace(job.source, where=""))
            for name, job in jobs
            if name == release
        }
        packages = {each.key: each.version for each in desired.packages if each.release == release}
        yield release, [used, packages]


def _vms(observed: Observed) -> Iterator[tuple[str, object]]:
    names = {record.vm.cid: record.name for record in observed.state.instances if record.vm}
    for vm in observed.vms:
        name = names.get(vm.created.cid) or f"{vm.tags.get(INSTANCE_TAG, 'unrecorded')} ({vm.created.cid})"
        addresses = {net.name: net.ip for net in vm.created.networks}
        yield name, [vm.created.cid, vm.state.value, sorted(vm.disk_cids), addresses, vm.owner.action, dict(vm.tags)]


def _disks(observed: Observed) -> Iterator[tuple[str, object]]:
    for disk in observed.disks:
        yield disk.cid, [disk.size_mib, disk.vm_cid, disk.owner.action, dict(disk.tags)]


def _agents(observed: Observed) -> Iterator[tuple[str, object]]:
    """What the planner reads of an agent: not its load, nor whether a job is still starting."""
    names = {record.id: record.name for record in (*observed.state.instances, *observed.adopted)}
    for instance, answer in observed.agents.items():
        yield names.get(instance, instance), _compared(answer)


def _compared(answer: AgentState | NoAnswer) -> object:
    if isinstance(answer, NoAnswer):
        return answer.code
    state = JobState.RUNNING if answer.job_state is JobState.STARTING else answer.job_state
    return [state.value, dict(answer.spec), sorted(answer.disks)]


def _digest(data: object) -> str:
    return hashlib.sha256(json.dumps(as_data.encode(data), sort_keys=True).encode()).hexdigest()[:32]
