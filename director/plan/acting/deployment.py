"""A deployment's plan, put together: secrets, strays, packages, who goes, who is updated when, post-deploy.

Takes a PlanInput, gives the parts of a Plan.
Source: cloudfoundry/bosh jobs/update_deployment.rb, multi_instance_group_updater.rb.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from director.actions.await_agent import AwaitAgent
from director.actions.delete_vm import DeleteVm
from director.actions.make_secret import MakeSecret
from director.actions.publish_dns import PublishDns
from director.actions.run_script import RunScript
from director.actions.save_compiled import SaveCompiled
from director.actions.take_compiled import TakeCompiled
from director.model.environments.deployment_dns import DeploymentDns
from director.model.environments.desired import Desired, Group, Lifecycle, PackageNeed, UpdatePolicy
from director.model.environments.environment import JUMPBOX
from director.model.environments.state import DesiredPower, InstanceRecord
from director.model.ids import ActionId, InstanceId
from director.model.tasks.plan import Action, Gate
from director.plan.acting import (
    address_handovers,
    instance_actions,
    package_storage,
    packages,
    removals,
    rollout,
    scripts,
    variables,
)
from director.plan.acting.instance_actions import Chain, Waits
from director.plan.acting.packages import CompileActions
from director.plan.acting.plan_input import PlanInput
from director.plan.acting.rollout import Batch, Turn
from director.plan.action_factory import Description
from director.plan.deciding import changes, dns_records
from director.plan.deciding.changes import Effect
from director.plan.deciding.targets import Target
from director.plan.placing import placed_instances, strays
from director.plan.placing.addresses import Taken
from director.plan.request import InstanceRequest

POST_DEPLOY = "Running post-deploy scripts"
PUBLISHING = "Publishing DNS records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A plan before it is ordered. `ends` are the last actions of all that changed.

    `canaries` are the instances that others wait for.
    """

    actions: tuple[Action, ...] = ()
    gates: tuple[Gate, ...] = ()
    records: tuple[InstanceRecord, ...] = ()
    ends: tuple[ActionId, ...] = ()
    canaries: frozenset[InstanceId] = frozenset()
    dns: DeploymentDns | None = None


def converge(inputs: PlanInput) -> Parts:
    """Everything that brings the deployment to what is desired. Raises what PlanInput.require and compiling raise."""
    groups = inputs.desired.groups
    inputs.require(inputs.targets, inputs.removed_instances)
    deletions = strays.sweep(inputs.observed, inputs.factory)
    unneeded = inputs.leaving(inputs.placements.unneeded, "its group is no longer in the manifest")
    obsolete = {
        str(group.name): _obsolete(inputs, group, needed=needed) for group, needed in _needed_before(inputs, groups)
    }
    removed_instances = (*unneeded, *(chain for members in obsolete.values() for chain in members))
    freed = {**deletions.freed, **_freed(removed_instances, inputs)}
    parts = _update(inputs, groups, obsolete, freed=freed)
    compiled = [action.id for action in parts.actions if isinstance(action.work, SaveCompiled | TakeCompiled)]
    leaving = instance_actions.all_actions([_after_compiling(chain, compiled) for chain in unneeded])
    ends = (*parts.ends, *(end for chain in unneeded for end in chain.ends))
    actions = (*deletions.actions, *leaving, *parts.actions)
    address_handovers.require_order(actions, address_handovers.handovers_of(inputs.targets), inputs.factory)
    if inputs.desired.deployment == JUMPBOX:
        return replace(parts, actions=(*actions, *_post_deploy(inputs, ends)), ends=ends)
    dns = dns_records.deployment_dns(inputs.desired, inputs.targets)
    publishing = _publish_dns(inputs, actions, dns)
    return replace(parts, actions=(*actions, *publishing, *_post_deploy(inputs, ends)), ends=ends, dns=dns)


def converge_groups(inputs: PlanInput, groups: Sequence[Group]) -> Parts:
    """Update some groups to their desired state; leave the rest unchanged, except strays that hold their addresses."""
    members = inputs.members(groups)
    inputs.require(members)
    wanted = {net.ip for target in members for net in target.machine.networks if net.ip}
    deletions = strays.sweep_holders(inputs.observed, inputs.factory, wanted)
    parts = _update(inputs, groups, {}, freed=deletions.freed)
    actions = (*deletions.actions, *parts.actions)
    address_handovers.require_order(actions, address_handovers.handovers_of(members), inputs.factory)
    return replace(parts, actions=actions)


def converge_instances(inputs: PlanInput, chosen: frozenset[InstanceId]) -> Parts:
    """Update some instances to their desired state; leave the rest unchanged, and publish what DNS has of them."""
    few = replace(inputs, targets=tuple(target for target in inputs.targets if target.record.id in chosen))
    parts = converge_groups(few, [group for group in inputs.desired.groups if few.members((group,))])
    if inputs.desired.deployment == JUMPBOX:
        return parts
    dns = dns_records.deployment_dns(inputs.desired, inputs.targets)
    return replace(parts, actions=(*parts.actions, *_publish_dns(inputs, parts.actions, dns)), dns=dns)


def _update(
    inputs: PlanInput,
    groups: Sequence[Group],
    obsolete: Mapping[str, tuple[Chain, ...]],
    *,
    freed: Mapping[str, ActionId],
) -> Parts:
    changing = [target for target in inputs.members(groups) if inputs.changes[target.record.id]]
    compiled = _compile(inputs, groups)
    secrets = variables.make_secrets(
        inputs.desired.variables, inputs.secrets, inputs.factory, changes=inputs.request.secret_changes
    )
    passed = address_handovers.handovers_of(inputs.targets)
    address_handovers.require_releases(passed, {target.record.id for target in changing})
    handover = {one.ip: one.release(inputs.factory) for one in passed}
    waits = Waits(packages=compiled.saved, secrets=_by_name(secrets), addresses={**handover, **freed})
    built = _build(inputs, changing, waits)
    gated = {key: chain for key, chain in built.items() if chain.gated}
    held = {
        name: tuple(_after_compiling(chain, compiled.saved.values()) for chain in members)
        for name, members in obsolete.items()
    }
    fetching = (*compiled.actions, *instance_actions.all_actions(tuple(built.values())))
    stored = package_storage.store_packages(fetching, inputs.factory, saved=compiled.saved)
    turns = [_turn(inputs, group, held.get(group.name, ()), gated=gated) for group in groups]
    rolled = rollout.roll_out(turns, gated)
    free = instance_actions.all_actions([chain for chain in built.values() if not chain.gated])
    removed_instances = [chain for turn in turns for chain in turn.removals]
    actions = (*secrets, *compiled.actions, *stored, *rolled.actions, *free)
    return Parts(
        actions=actions,
        gates=rolled.gates,
        records=_records(inputs, inputs.members(groups)),
        ends=tuple(end for chain in (*gated.values(), *removed_instances) for end in chain.ends),
        canaries=frozenset(record.id for turn in turns for batch in turn.batches for record in batch.tried_first),
    )


def _needed_before(inputs: PlanInput, groups: Sequence[Group]) -> Iterator[tuple[Group, frozenset[str]]]:
    """Each group with the addresses that instances of the groups before it are to have."""
    needed: set[str] = set()
    for group in groups:
        yield group, frozenset(needed)
        needed |= {net.ip for target in inputs.members((group,)) for net in target.machine.networks if net.ip}


def _obsolete(inputs: PlanInput, group: Group, *, needed: frozenset[str]) -> tuple[Chain, ...]:
    records = inputs.placements.obsolete.get(group.name, ())
    leaving = inputs.leaving(records, "no longer needed")
    return tuple(
        replace(chain, is_early=bool(placed_instances.held_by(record) & needed))
        for record, chain in zip(records, leaving, strict=True)
    )


def _by_name(secrets: Iterable[Action]) -> Mapping[str, ActionId]:
    return {action.work.variable.name: action.id for action in secrets if isinstance(action.work, MakeSecret)}


def _compile(inputs: PlanInput, groups: Sequence[Group]) -> CompileActions:
    seated = {
        ip: placed_instance.record.name
        for placed_instance in inputs.placements.placed
        for ip in placed_instance.record.addresses.values()
    }
    desired = replace(inputs.desired, packages=_packages_of(inputs.desired, groups))
    taken = Taken(holders={**placed_instances.all_taken(inputs.observed), **seated})
    return packages.compile_packages(desired, inputs.observed, inputs.request, factory=inputs.factory, taken=taken)


def _packages_of(desired: Desired, groups: Sequence[Group]) -> tuple[PackageNeed, ...]:
    """Those the groups run, and all that these need to be compiled; everything when all groups are meant."""
    if len(groups) == len(desired.groups):
        return desired.packages
    wanted = {key for group in groups for key in group.packages}
    for package in reversed(desired.packages):
        if package.key in wanted:
            wanted |= set(package.dependencies)
    return tuple(package for package in desired.packages if package.key in wanted)


def _freed(removed_instances: Iterable[Chain], inputs: PlanInput) -> Mapping[str, ActionId]:
    """Which action frees an address that an instance on its way out still holds."""
    freed: dict[str, ActionId] = {}
    records = {record.name: record for record in inputs.removed_instances}
    for chain in removed_instances:
        action = removals.delete_vm_of(chain)
        if action:
            freed |= dict.fromkeys(placed_instances.held_by(records[chain.subject]), action)
    return freed


def _build(inputs: PlanInput, changing: Sequence[Target], waits: Waits) -> dict[str, Chain]:
    canaries = {
        record.id
        for group in {target.group.name: target.group for target in changing}.values()
        for batch in _batches(inputs, group, [one for one in changing if one.group.name == group.name])
        for record in batch.canaries
    }
    built: dict[str, Chain] = {}
    for target in changing:
        policy = target.group.update
        job = instance_actions.InstanceUpdate(
            target=target,
            changes=inputs.changes[target.record.id],
            watch=policy.canary_watch if target.record.id in canaries else policy.update_watch,
            is_swapped=target.record.id in inputs.swapped,
        )
        built[target.record.id] = instance_actions.build_chain(job, inputs.factory, inputs.request, waits=waits)
    return built


def _turn(inputs: PlanInput, group: Group, removals: tuple[Chain, ...], *, gated: Mapping[str, Chain]) -> Turn:
    members = [one for one in inputs.members((group,)) if one.record.id in gated]
    policy = _policy(inputs, group)
    return Turn(
        group=group.name,
        is_serial=policy.is_serial,
        removals=removals,
        removal_width=max(1, policy.max_in_flight.of(len(removals))),
        batches=_batches(inputs, group, members),
    )


def _batches(inputs: PlanInput, group: Group, members: Sequence[Target]) -> tuple[Batch, ...]:
    """Only those that have to wait for a turn: a change of tags alone does not."""
    waiting = [one.record for one in members if changes.effect_of(inputs.changes[one.record.id]) is not Effect.TAG]
    is_initial = inputs.observed.state.manifest == ""
    return rollout.batches_of(group.name, waiting, _policy(inputs, group), is_initial=is_initial)


def _policy(inputs: PlanInput, group: Group) -> UpdatePolicy:
    request = inputs.request
    return replace(
        group.update,
        canaries=request.canaries or group.update.canaries,
        max_in_flight=request.max_in_flight or group.update.max_in_flight,
    )


_STOPS = frozenset({InstanceRequest.STOPPED, InstanceRequest.DETACHED})


def _after_compiling(chain: Chain, compiled: Iterable[ActionId]) -> Chain:
    """Nothing is deleted before all packages are there: a package that does not compile takes nothing down."""
    first, *rest = chain.actions
    return replace(chain, actions=(replace(first, after=(*first.after, *compiled)), *rest))


def _post_deploy(inputs: PlanInput, ends: tuple[ActionId, ...]) -> tuple[Action, ...]:
    """post-deploy on all started instances once every group has ended, if any changed.

    Not after a requested stop: post-deploy scripts of the others would only find the stopped jobs missing.
    """
    if not ends or _STOPS & set(inputs.request.instance_requests.values()):
        return ()
    return tuple(
        inputs.factory.new_action(
            RunScript(instance=target.record.id, script="post-deploy"),
            Description(subject=target.name, reason="the deployment changed", stage=POST_DEPLOY),
            after=ends,
            detail="post-deploy",
        )
        for target in inputs.targets
        if target.wanted is DesiredPower.STARTED
        and not target.record.is_ignored
        and target.group.lifecycle is Lifecycle.SERVICE
        and scripts.has_script(target.group.jobs, "post-deploy")
    )


def _publish_dns(inputs: PlanInput, actions: Sequence[Action], dns: DeploymentDns) -> tuple[Action, ...]:
    """To all, once every VM is created or gone; an instance that changes gets the records before its jobs start."""
    is_kept = any(target.record.vm and not inputs.changes[target.record.id] for target in inputs.targets)
    moving = [action.id for action in actions if isinstance(action.work, AwaitAgent | DeleteVm)]
    if not dns_records.needs_publishing(dns, inputs.observed, is_changing=bool(moving), has_others=is_kept):
        return ()
    about = Description(subject="DNS records", reason="names and addresses changed", stage=PUBLISHING)
    return (inputs.factory.new_action(PublishDns(), about, after=moving),)


def _records(inputs: PlanInput, targets: Sequence[Target]) -> tuple[InstanceRecord, ...]:
    """What must be written down before the first call: identities, and addresses as they are by then."""
    before = {record.id: _identity(record) for record in inputs.known}
    current = {record.id: record.addresses for record in inputs.observed.state.instances}
    planned = (
        target.record
        if target.wanted is DesiredPower.DETACHED
        else replace(target.record, addresses=current.get(target.record.id, {}))
        for target in targets
    )
    wanted = tuple(record for record in planned if before.get(record.id) != _identity(record))
    return (*wanted, *(record for record in inputs.removed_instances if record.id not in before))


def _identity(record: InstanceRecord) -> tuple[object, ...]:
    return (record.group, record.index, record.az, record.is_bootstrap, record.addresses)
