"""A deployment's plan, put together: what is wanted, against what is, step by step.

Takes Desired, Observed and a request; gives the parts of a Plan.
Source: cloudfoundry/bosh jobs/update_deployment.rb, deployment_plan/assembler.rb.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from director.model.desired import Desired, Group, Lifecycle, PackageNeed, UpdatePolicy, WatchTime
from director.model.ids import ActionId
from director.model.observed import Observed
from director.model.plan import Action, Gate
from director.model.state import InstanceRecord, Wanted
from director.model.work import RunScript
from director.plan import (
    chains,
    changes,
    packages,
    reality,
    removal,
    rollout,
    scripts,
    seats,
    silences,
    strays,
    targets,
    variables,
)
from director.plan.author import About, Author
from director.plan.chains import Chain, Waits
from director.plan.changes import Change, Effect
from director.plan.packages import Compiled
from director.plan.removal import Leaving
from director.plan.request import PlanRequest
from director.plan.rollout import Batch, Turn
from director.plan.seats import Seating
from director.plan.targets import Target

POST_DEPLOY = "Running post-deploy scripts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What all the rest is decided from. `observed` is borne out by the cloud; `known` are the records as saved."""

    desired: Desired
    observed: Observed
    known: tuple[InstanceRecord, ...]
    request: PlanRequest
    author: Author
    seating: Seating
    targets: tuple[Target, ...]
    changes: Mapping[str, tuple[Change, ...]]

    def leaving(self, records: Iterable[InstanceRecord], reason: str) -> tuple[Chain, ...]:
        """The ends of instances that nobody wants."""
        return tuple(
            removal.remove_instance(
                Leaving(
                    record=record,
                    reason=reason,
                    intents=removal.REMOVED,
                    agent=self.observed.agents.get(record.id) if record.vm else None,
                ),
                self.author,
                self.request,
            )
            for record in records
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A plan before it is ordered."""

    actions: tuple[Action, ...]
    gates: tuple[Gate, ...]
    records: tuple[InstanceRecord, ...]
    kept: int


def set_scene(
    desired: Desired, observed: Observed, request: PlanRequest, *, errands: frozenset[str] = frozenset()
) -> Scene:
    """Decide who is wanted where, and what differs. `errands` are errand groups that are wanted now.

    Raises ExplainedError: every problem of addresses, placement, stemcells, disks and silent agents.
    """
    real = reality.bear_out(observed)
    seating = seats.seat_instances(desired, real, run=request.run, errands=errands)
    reality.demand_disks((seat.record for seat in seating.seats), real)
    built = targets.build_targets(desired, real, request, seating.seats)
    scene = Scene(
        desired=desired,
        observed=real,
        known=observed.state.instances,
        request=request,
        author=Author(run=request.run, environment=desired.environment, deployment=desired.deployment),
        seating=seating,
        targets=built,
        changes={target.record.id: changes.changes_of(target) for target in built},
    )
    if not request.is_fixing:
        silences.demand_answers(_asked(scene))
    return scene


def converge(scene: Scene, groups: Sequence[Group]) -> Parts:
    """Everything that brings these groups to what is desired; the others are left as they are."""
    names = {group.name for group in groups}
    wanted = [target for target in scene.targets if target.group.name in names]
    changing = [target for target in wanted if scene.changes[target.record.id]]
    compiled = _compile(scene, groups)
    secrets = variables.make_secrets(scene.desired.variables, scene.observed.secret_versions, scene.author)
    swept = strays.sweep(scene.observed, scene.author)
    unneeded = scene.leaving(scene.seating.unneeded, "its group is not in the manifest any more")
    obsolete = {
        group.name: scene.leaving(scene.seating.obsolete.get(group.name, ()), "no longer needed") for group in groups
    }
    goers = [*unneeded, *(chain for members in obsolete.values() for chain in members)]
    waits = Waits(
        packages=compiled.saved,
        secrets={action.work.variable.name: action.id for action in secrets if action.work.kind == "make_secret"},
        addresses={**swept.freed, **_freed(goers, scene)},
    )
    built = _build(scene, changing, waits)
    gated = {key: chain for key, chain in built.items() if chain.gated}
    turns = [_turn(scene, group, obsolete[group.name], gated) for group in groups]
    rolled = rollout.roll_out(turns, gated)
    free = chains.all_actions([chain for chain in built.values() if not chain.gated])
    leaving = _after_compiling(chains.all_actions(unneeded), compiled)
    actions = (*secrets, *swept.actions, *compiled.actions, *leaving, *rolled.actions, *free)
    return Parts(
        actions=(*actions, *_post_deploy(scene, wanted, gated, goers)),
        gates=rolled.gates,
        records=_records(scene, changing),
        kept=len(wanted) - len(changing),
    )


def _asked(scene: Scene) -> Iterable[tuple[InstanceRecord, silences.Answers]]:
    yield from ((target.record, target.agent) for target in scene.targets)
    gone = [record for records in scene.seating.obsolete.values() for record in records]
    yield from ((record, scene.observed.agents.get(record.id)) for record in (*gone, *scene.seating.unneeded))


def _compile(scene: Scene, groups: Sequence[Group]) -> Compiled:
    taken = seats.all_taken(scene.observed) | {
        ip for seat in scene.seating.seats for ip in seat.record.addresses.values()
    }
    desired = replace(scene.desired, packages=_packages_of(scene.desired, groups))
    return packages.compile_packages(desired, scene.observed, scene.request, scene.author, frozenset(taken))


def _packages_of(desired: Desired, groups: Sequence[Group]) -> tuple[PackageNeed, ...]:
    """Those the groups run, and all that these need to be compiled; everything when all groups are meant."""
    if len(groups) == len(desired.groups):
        return desired.packages
    wanted = {key for group in groups for key in group.packages}
    for package in reversed(desired.packages):
        if package.key in wanted:
            wanted |= set(package.dependencies)
    return tuple(package for package in desired.packages if package.key in wanted)


def _freed(goers: Iterable[Chain], scene: Scene) -> Mapping[str, ActionId]:
    """Which action frees an address that an instance on its way out still holds."""
    freed: dict[str, ActionId] = {}
    gone = [record for records in scene.seating.obsolete.values() for record in records]
    records = {record.name: record for record in (*gone, *scene.seating.unneeded)}
    for chain in goers:
        action = removal.delete_vm_of(chain)
        if action:
            freed |= dict.fromkeys(records[chain.subject].addresses.values(), action)
    return freed


def _build(scene: Scene, changing: Sequence[Target], waits: Waits) -> dict[str, Chain]:
    canaries = {
        record.id
        for group in scene.desired.groups
        for batch in _batches(scene, group, [one for one in changing if one.group.name == group.name])
        for record in batch.canaries
    }
    return {
        target.record.id: chains.build_chain(
            chains.Job(
                target=target,
                changes=scene.changes[target.record.id],
                watch=_watch(target.group.update, is_canary=target.record.id in canaries),
            ),
            scene.author,
            scene.request,
            waits,
        )
        for target in changing
    }


def _turn(scene: Scene, group: Group, removals: tuple[Chain, ...], gated: Mapping[str, Chain]) -> Turn:
    members = [one for one in scene.targets if one.group.name == group.name and one.record.id in gated]
    policy = _policy(group, scene.request)
    return Turn(
        group=group.name,
        is_serial=policy.is_serial,
        removals=removals,
        removal_width=max(1, policy.max_in_flight.of(len(removals))),
        batches=_batches(scene, group, members),
    )


def _batches(scene: Scene, group: Group, members: Sequence[Target]) -> tuple[Batch, ...]:
    """Only those that have to wait for a turn: a change of tags alone does not."""
    waiting = [one.record for one in members if changes.effect_of(scene.changes[one.record.id]) is not Effect.TAG]
    is_initial = scene.observed.state.manifest == ""
    return rollout.batches_of(group.name, waiting, _policy(group, scene.request), is_initial=is_initial)


def _policy(group: Group, request: PlanRequest) -> UpdatePolicy:
    return replace(
        group.update,
        canaries=request.canaries or group.update.canaries,
        max_in_flight=request.max_in_flight or group.update.max_in_flight,
    )


def _watch(policy: UpdatePolicy, *, is_canary: bool) -> WatchTime:
    return policy.canary_watch if is_canary else policy.update_watch


def _after_compiling(actions: Sequence[Action], compiled: Compiled) -> tuple[Action, ...]:
    """Nothing is deleted before all packages are there: a package that does not compile takes nothing down."""
    waits = tuple(compiled.saved.values())
    return tuple(action if action.after else replace(action, after=waits) for action in actions)


def _post_deploy(
    scene: Scene, wanted: Sequence[Target], gated: Mapping[str, Chain], goers: Sequence[Chain]
) -> tuple[Action, ...]:
    """post-deploy on all started instances once every group has ended, if any changed."""
    ends = tuple(end for chain in (*gated.values(), *goers) for end in chain.ends)
    if not ends:
        return ()
    return tuple(
        scene.author.act(
            RunScript(instance=target.record.id, script="post-deploy"),
            About(subject=target.name, reason="the deployment changed", stage=POST_DEPLOY),
            after=ends,
            detail="post-deploy",
        )
        for target in wanted
        if target.wanted is Wanted.STARTED
        and target.group.lifecycle is Lifecycle.SERVICE
        and scripts.has_script(target.group.jobs, "post-deploy")
    )


def _records(scene: Scene, changing: Sequence[Target]) -> tuple[InstanceRecord, ...]:
    """What must be written down before the first call: identities and reservations."""
    before = {record.id: _identity(record) for record in scene.known}
    return tuple(target.record for target in changing if before.get(target.record.id) != _identity(target.record))


def _identity(record: InstanceRecord) -> tuple[object, ...]:
    return (record.group, record.index, record.az, record.is_bootstrap, record.addresses)
