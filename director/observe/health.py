"""Which instances are as they should be, by their own word: a single agent asks the others over their network.

Takes a world and records, gives those that did not answer so. docs/decisions/which-agents-a-deploy-queries.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from cpi.contract.values import VmCid, VmState
from director.errors import AgentError
from director.model.agents import agent_address
from director.model.agents.agent_state import JobState
from director.model.environments.environment import Environment
from director.model.environments.observed import Observed
from director.model.environments.state import DesiredPower, InstanceRecord
from director.model.ids import InstanceId
from director.observe import queries
from director.ports.world import World

FEWEST = 3
"""Fewer instances are not worth it: the agents of one or two are asked in no more time than one that asks for them."""

_TRIED = 2
"""How many agents are asked to ask, before all are asked themselves."""

Health = Mapping[str, JobState]


def unwell(
    world: World, environment: Environment, observed: Observed, *, instances: Sequence[InstanceRecord]
) -> frozenset[InstanceId]:
    """Those whose jobs should run and do not say so, or should not run and do; with any doubt, those too.

    One agent of each cloud asks, because a network does not span clouds.
    """
    running = {vm.created.cid for vm in observed.vms if vm.state is VmState.RUNNING}
    clouds: dict[str, list[InstanceRecord]] = {}
    for record in sorted(instances, key=lambda record: (record.group, record.index)):
        if record.vm is not None:
            clouds.setdefault(record.vm.cloud, []).append(record)
    asked = {
        cloud: partial(_ask_one_for_all, world, environment, records, running=running)
        for cloud, records in clouds.items()
        if len(records) >= FEWEST
    }
    heard = queries.ask_all(world.runner, asked)
    return frozenset(
        record.id
        for cloud, records in clouds.items()
        for record in records
        if not _is_as_wanted(record, heard.get(cloud, {}))
    )


def _ask_one_for_all(
    world: World, environment: Environment, records: Sequence[InstanceRecord], *, running: Iterable[VmCid]
) -> Health:
    addresses = [address for record in records if (address := _address(record)) is not None]
    askers = [record for record in records if record.vm and record.vm.cid in running]
    for record in askers[:_TRIED]:
        target = environment.target_of(record.vm, record.name) if record.vm else None
        if target is None:
            continue
        try:
            return world.agent.query_health(target, addresses)
        except AgentError:  # it is asked again, by itself, and says then what is wrong
            continue
    return {}


def _is_as_wanted(record: InstanceRecord, health: Health) -> bool:
    address = _address(record)
    if record.wanted is not DesiredPower.STARTED or address is None:
        return False
    return health.get(address) is JobState.RUNNING


def _address(record: InstanceRecord) -> str | None:
    """Where other instances reach it."""
    first = agent_address.first_address(record.vm.networks, None) if record.vm else None
    return first.host if first else None
