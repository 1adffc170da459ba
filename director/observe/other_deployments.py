"""Addresses that other deployments of the environment hold, or will have by plans that are being executed.

Takes a world and a state, gives addresses by network.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from director.model.environments.environment import JUMPBOX
from director.model.environments.state import DeploymentState
from director.model.tasks.entries import Run
from director.observe.machines import vm_records
from director.ports.world import World


def taken_addresses(world: World, state: DeploymentState) -> Mapping[str, frozenset[str]]:
    """Those on record, those that VMs have, those that open runs reserve; our own deployment's are not among them."""
    taken: defaultdict[str, set[str]] = defaultdict(set)
    for other in world.store.list_deployments(state.environment):
        if other.deployment != state.deployment:
            for network, address in _held(other):
                taken[network].add(address)
    for run in world.journal.open_runs(state.environment):
        if run.deployment != state.deployment:
            for network, addresses in _reserved(world, run).items():
                taken[network] |= addresses
    return {network: frozenset(addresses) for network, addresses in taken.items()}


def merge_addresses(listed: Iterable[Mapping[str, frozenset[str]]]) -> Mapping[str, frozenset[str]]:
    """All of them, by network."""
    merged: defaultdict[str, set[str]] = defaultdict(set)
    for each in listed:
        for network, addresses in each.items():
            merged[network] |= addresses
    return {network: frozenset(addresses) for network, addresses in merged.items()}


def have_vms(world: World, state: DeploymentState) -> bool:
    """Whether another deployment has instances with VMs; the jumpboxes have no names."""
    return any(
        record.vm
        for other in world.store.list_deployments(state.environment)
        if other.deployment not in (state.deployment, JUMPBOX)
        for record in other.instances
    )


def _reserved(world: World, run: Run) -> Mapping[str, frozenset[str]]:
    """All that the run will create; for a run whose process died, what it may have created."""
    if world.store.is_held(run.environment, run.deployment):
        return run.plan.reserved()
    begun = {entry.action for entry in world.journal.read_entries(run.id)}
    return replace(run.plan, actions=tuple(one for one in run.plan.actions if one.id in begun)).reserved()


def _held(other: DeploymentState) -> Iterator[tuple[str, str]]:
    for record in other.instances:
        yield from record.addresses.items()
    for vm in vm_records(other):
        yield from ((network.name, network.ip) for network in vm.networks if network.ip)
