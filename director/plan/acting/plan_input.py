"""The input of a deployment's plan: desired instances, their placement and their differences.

Takes Desired, Observed and a request; gives a PlanInput.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from director.model.environments.desired import Desired, Group
from director.model.environments.observed import Observed
from director.model.environments.state import DesiredPower, InstanceRecord
from director.plan.acting import removals, variables
from director.plan.acting.instance_actions import Chain
from director.plan.acting.removals import Leaving
from director.plan.action_factory import ActionFactory
from director.plan.deciding import adopted, changes, ignored, swaps, targets, unreachable_agents, verified_records
from director.plan.deciding.changes import Change
from director.plan.deciding.targets import Target
from director.plan.placing import placed_instances
from director.plan.placing.placed_instances import Choice, Placements
from director.plan.request import PlanRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """`observed` is verified against the cloud; `known` are the records as saved; `changes` are by instance id.

    `secrets` are the versions of variables that are to be generated; `swapped` are instances whose next VM is created
    beside the one they have.
    """

    desired: Desired
    observed: Observed
    known: tuple[InstanceRecord, ...]
    request: PlanRequest
    factory: ActionFactory
    placements: Placements
    targets: tuple[Target, ...]
    changes: Mapping[str, tuple[Change, ...]]
    secrets: Mapping[str, int]
    swapped: frozenset[str] = frozenset()

    def members(self, groups: Sequence[Group]) -> tuple[Target, ...]:
        """The targets of some groups."""
        names = {group.name for group in groups}
        return tuple(target for target in self.targets if target.group.name in names)

    @property
    def removed_instances(self) -> tuple[InstanceRecord, ...]:
        """All instances that are no longer desired."""
        obsolete = (record for records in self.placements.obsolete.values() for record in records)
        return (*obsolete, *self.placements.unneeded)

    @property
    def stopped(self) -> tuple[str, ...]:
        """The instances that stay stopped because a user wants that."""
        kept = (target for target in self.targets if not self.changes[target.record.id])
        return tuple(target.name for target in kept if target.wanted is not DesiredPower.STARTED)

    def leaving(self, records: Iterable[InstanceRecord], reason: str) -> tuple[Chain, ...]:
        """The removals of instances that are no longer desired."""
        return tuple(
            removals.remove_instance(
                Leaving(
                    record=record,
                    reason=reason,
                    intents=removals.REMOVED,
                    agent=self.observed.agents.get(record.id),
                ),
                self.factory,
                self.request,
            )
            for record in records
        )

    def require(self, wanted: Iterable[Target], removed_instances: Iterable[InstanceRecord] = ()) -> None:
        """Require their disks, the way to them and, unless the plan recreates silent VMs, their agents.

        Raises InputError: disk-missing, instance-ignored; AgentError: jumpbox-silent, agent-silent.
        """
        listed = tuple(target for target in wanted if not target.record.is_ignored)
        removed = tuple(removed_instances)
        ignored.require_kept(removed)
        verified_records.require_disks((target.record for target in listed), self.observed)
        of_removed = ((record, self.observed.agents.get(record.id)) for record in removed)
        asked = (*((target.record, target.agent) for target in listed), *of_removed)
        unreachable_agents.require_reachable(asked)
        if not self.request.is_fix:
            unreachable_agents.require_answers(asked)


def build_plan_input(
    desired: Desired, observed: Observed, request: PlanRequest, *, errands: frozenset[str] = frozenset()
) -> PlanInput:
    """Place the desired instances and list their differences. `errands` are the errand groups to run now.

    Raises InputError: secret-lost; every problem of placement, addresses and stemcells.
    """
    secrets = variables.versions_to_make(desired, observed, request)
    joined = adopted.join(replace(observed, secret_versions={**observed.secret_versions, **secrets}), desired)
    real = verified_records.verify_records(joined)
    choice = Choice(errands=errands)
    placements = placed_instances.place_instances(desired, real, run=request.run, choice=choice)
    built = targets.build_targets(desired, real, request, placed=placements.placed)
    found: dict[str, tuple[Change, ...]] = {target.record.id: changes.changes_of(target) for target in built}
    swapped = swaps.swapped_instances((each for each in built if not each.record.is_ignored), found)
    if swapped:
        choice = replace(choice, swapped=swapped)
        placements = placed_instances.place_instances(desired, real, run=request.run, choice=choice)
        built = targets.build_targets(desired, real, request, placed=placements.placed)
        # Another address is no reason of its own: the strategy wants it.
        kept = {name: each for name, each in found.items() if name in swapped}
        found = {**{target.record.id: changes.changes_of(target) for target in built}, **kept}
    found = ignored.without_changes(built, found, request)
    return PlanInput(
        desired=desired,
        observed=real,
        known=observed.state.instances,
        request=request,
        factory=ActionFactory(run=request.run, environment=desired.environment, deployment=desired.deployment),
        placements=placements,
        secrets=secrets,
        targets=built,
        changes=found,
        swapped=swapped,
    )
