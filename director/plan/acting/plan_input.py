"""Who is wanted where, and what differs: what all the rest of a deployment's plan is decided from.

Takes Desired, Observed and a request; gives a Scene.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from director.model.environments.desired import Desired, Group
from director.model.environments.observed import Observed
from director.model.environments.state import InstanceRecord
from director.plan.acting import removals, variables
from director.plan.acting.instance_actions import Chain
from director.plan.acting.removals import Leaving
from director.plan.action_factory import ActionFactory
from director.plan.deciding import adopted, changes, reality, targets, unreachable_agents
from director.plan.deciding.changes import Change
from director.plan.deciding.targets import Target
from director.plan.placing import placed_instances
from director.plan.placing.placed_instances import Placements
from director.plan.request import PlanRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """`observed` is borne out by the cloud; `known` are the records as saved; `changes` are by instance id.

    `secrets` are the versions of variables that are to be generated.
    """

    desired: Desired
    observed: Observed
    known: tuple[InstanceRecord, ...]
    request: PlanRequest
    author: ActionFactory
    seating: Placements
    targets: tuple[Target, ...]
    changes: Mapping[str, tuple[Change, ...]]
    secrets: Mapping[str, int]

    def members(self, groups: Sequence[Group]) -> tuple[Target, ...]:
        """The targets of some groups."""
        names = {group.name for group in groups}
        return tuple(target for target in self.targets if target.group.name in names)

    @property
    def goers(self) -> tuple[InstanceRecord, ...]:
        """All instances that are no longer desired."""
        obsolete = (record for records in self.seating.obsolete.values() for record in records)
        return (*obsolete, *self.seating.unneeded)

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
                self.author,
                self.request,
            )
            for record in records
        )

    def demand(self, wanted: Iterable[Target], goers: Iterable[InstanceRecord] = ()) -> None:
        """Require their disks, the way to them and, unless the plan recreates silent VMs, their agents.

        Raises InputError: disk-missing; AgentError: jumpbox-silent, agent-silent.
        """
        listed = tuple(wanted)
        reality.demand_disks((target.record for target in listed), self.observed)
        of_goers = ((record, self.observed.agents.get(record.id)) for record in goers)
        asked = (*((target.record, target.agent) for target in listed), *of_goers)
        unreachable_agents.demand_ways(asked)
        if not self.request.is_fixing:
            unreachable_agents.demand_answers(asked)


def set_scene(
    desired: Desired, observed: Observed, request: PlanRequest, *, errands: frozenset[str] = frozenset()
) -> PlanInput:
    """Decide who is wanted where, and what differs. `errands` are errand groups that are wanted now.

    Raises InputError: secret-lost; every problem of placement, addresses and stemcells.
    """
    secrets = variables.versions_to_make(desired, observed, request)
    joined = adopted.join(replace(observed, secret_versions={**observed.secret_versions, **secrets}), desired)
    real = reality.bear_out(joined)
    seating = placed_instances.seat_instances(desired, real, run=request.run, errands=errands)
    built = targets.build_targets(desired, real, request, seats=seating.seats)
    return PlanInput(
        desired=desired,
        observed=real,
        known=observed.state.instances,
        request=request,
        author=ActionFactory(run=request.run, environment=desired.environment, deployment=desired.deployment),
        seating=seating,
        secrets=secrets,
        targets=built,
        changes={target.record.id: changes.changes_of(target) for target in built},
    )
