"""Instances that a user has excluded from deploys: nothing is done to them, and nothing may need them changed.

Takes targets and records, gives targets without them, or refuses what would delete or move one of them.
Source: cloudfoundry/bosh deployment_plan/assembler.rb, instance_group_updater.rb, jobs/delete_deployment.rb.
"""

from collections.abc import Iterable, Mapping, Sequence

from director.errors import InputError, raise_all
from director.model.environments.state import DeploymentState, InstanceRecord
from director.plan.deciding.changes import Change
from director.plan.deciding.targets import Target
from director.plan.request import PlanRequest

_FIX = "Run `compleat unignore` for it first."


def without_changes(
    targets: Iterable[Target], found: Mapping[str, tuple[Change, ...]], request: PlanRequest
) -> dict[str, tuple[Change, ...]]:
    """No change of an ignored instance. Raises InputError, code `instance-ignored`: all that cannot be left alone."""
    ignored = [target for target in targets if target.record.is_ignored]
    problems = [problem for target in ignored for problem in _problems(target, found[target.record.id], request)]
    raise_all(problems)
    names = {target.record.id for target in ignored}
    return {name: () if name in names else changes for name, changes in found.items()}


def require_kept(removed: Iterable[InstanceRecord]) -> None:
    """Refuse to delete an ignored instance. Raises InputError, code `instance-ignored`: all of them."""
    raise_all(
        InputError(
            "instance-ignored",
            f"{record.name} would be deleted, but it is ignored.",
            why="An ignored instance stays as it is until it is no longer ignored.",
            fix=_FIX,
        )
        for record in removed
        if record.is_ignored
    )


def require_updated(states: Iterable[DeploymentState]) -> None:
    """Refuse ignored instances where each instance must get another secret. Raises InputError as `require_kept`."""
    raise_all(
        InputError(
            "instance-ignored",
            f"{record.name} of deployment '{state.deployment}' is ignored, so it would keep the old secrets.",
            why="A rotated secret is replaced on every instance of the deployments that use it.",
            fix=_FIX,
        )
        for state in states
        for record in sorted(state.instances, key=lambda record: (record.group, record.index))
        if record.is_ignored
    )


def _problems(target: Target, found: Sequence[Change], request: PlanRequest) -> Iterable[InputError]:
    """A request for its whole group, or for all, passes it over."""
    if {target.name, f"{target.record.group}/{target.record.id}"} & request.instance_requests.keys():
        yield InputError(
            "instance-ignored",
            f"{target.name} is ignored.",
            why="An ignored instance stays as it is until it is no longer ignored.",
            fix=_FIX,
        )
    if any(change.name == "network" for change in found):
        yield InputError(
            "instance-ignored",
            f"{target.name} would get another network or address, but it is ignored.",
            why="Links of other instances would have an address that it does not have.",
            fix=_FIX,
        )
