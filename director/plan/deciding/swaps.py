"""Which instances get their next VM beside the one they have: BOSH's strategy create-swap-delete.

Takes targets and their changes, gives the ids of those instances.
Source: cloudfoundry/bosh deployment_plan/instance_group.rb (should_create_swap_delete?),
instance_updater/recreate_handler.rb (an unresponsive VM is deleted first).
"""

from collections.abc import Iterable, Mapping, Sequence

from director.model.environments.observed import NoAnswer
from director.plan.deciding import changes
from director.plan.deciding.changes import Change, Effect
from director.plan.deciding.targets import Target


def swapped_instances(targets: Iterable[Target], found: Mapping[str, Sequence[Change]]) -> frozenset[str]:
    """Those whose VM is to be replaced, answers, and may be replaced this way."""
    return frozenset(target.record.id for target in targets if _is_swapped(target, found[target.record.id]))


def _is_swapped(target: Target, found: Sequence[Change]) -> bool:
    vm = target.record.vm
    is_replaced = changes.effect_of(found) is Effect.RECREATE
    return (
        is_replaced
        and target.group.update.is_swapping
        and vm is not None
        and vm.cloud == target.machine.cloud
        and not isinstance(target.agent, NoAnswer)
    )
