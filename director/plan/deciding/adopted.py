"""Instances whose records were lost, joined to the state: what their tags leave open is settled by what is wanted.

Takes Desired and Observed, gives Observed whose state has them.
"""

from dataclasses import replace

from director.model.agents.agent_state import AgentState
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments import disk_sizes
from director.model.environments.desired import Desired, DiskSpec, Group
from director.model.environments.observed import NoAnswer, Observed
from director.model.environments.state import DiskRecord, InstanceRecord
from director.plan.placing import addresses


def join(observed: Observed, desired: Desired | None = None) -> Observed:
    """The same with the adopted instances among the state's.

    The cloud properties of disks, and what a cloud rounds up of their sizes, count as desired: content is not moved on
    account of unknown ones. The AZ is
    the one that the agent was given; without an answer one that fits the address, the instance's turn among several.
    """
    if not observed.adopted:
        return observed
    joined = tuple(_settled(record, desired, observed.agents.get(record.id)) for record in observed.adopted)
    settled = replace(observed, adopted=joined)
    return replace(settled, state=replace(observed.state, instances=settled.joined))


def _settled(record: InstanceRecord, desired: Desired | None, agent: AgentState | NoAnswer | None) -> InstanceRecord:
    groups = desired.groups if desired else ()
    group = next((each for each in groups if record.group in (each.name, *each.migrated_from)), None)
    if desired is None or group is None:
        return record
    disk = _with_properties(record.disk, group.disk) if record.disk else None
    named = {name: _with_properties(each, group.named_disks.get(name)) for name, each in record.named_disks.items()}
    reported = str(agent.spec.get("az", "")) if isinstance(agent, AgentState) else ""
    az = record.az or (reported if reported in group.azs else _az(record, group, desired))
    return replace(record, az=az, disk=disk, named_disks=named)


def _with_properties(disk: DiskRecord, wanted: DiskSpec | None) -> DiskRecord:
    if wanted is None:
        return disk
    size_mib = disk_sizes.recorded_mib(disk.size_mib, wanted.size_mib)
    return replace(disk, cloud_properties=wanted.cloud_properties, size_mib=size_mib)


def _az(record: InstanceRecord, group: Group, desired: Desired) -> str | None:
    azs = sorted(group.azs)
    cloud = next((each.cloud for each in (record.vm, *record.disks) if each), ONLY_CLOUD)
    on_cloud = [az for az in azs if any(each.name == az and each.cloud == cloud for each in desired.azs)]
    fitting = [az for az in on_cloud if _holds(record, az, desired)] or on_cloud or azs
    return fitting[record.index % len(fitting)] if fitting else None


def _holds(record: InstanceRecord, az: str, desired: Desired) -> bool:
    """Whether every manual address of the instance is in a subnet of the AZ."""
    networks = [(desired.network(name), address) for name, address in record.addresses.items()]
    return all(addresses.subnet_of(net, az, address) for net, address in networks if net and net.subnets)
