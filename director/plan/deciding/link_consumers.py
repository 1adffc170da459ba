"""Other deployments whose links a deploy changes: they have the old content until they are deployed again.

Takes Desired, a plan and states, gives the consumers. Source: cloudfoundry/bosh links/links_manager.rb (only the
provider's own deploy computes a link's content, only the consumer's own deploy reads it).
"""

from collections.abc import Iterable, Mapping

from director.actions.create_vm import CreateVm
from director.actions.delete_vm import DeleteVm
from director.model.environments.shared_links import DeploymentLinks, SharedLink
from director.model.environments.state import DeploymentState
from director.model.tasks.plan import Plan


def outdated_consumers(
    links: DeploymentLinks, state: DeploymentState, plan: Plan, *, others: Iterable[DeploymentState]
) -> Mapping[str, tuple[str, ...]]:
    """The aliases of changed links by the deployment that consumes them."""
    before = {link.alias: link for link in state.links.shared}
    after = {link.alias: link for link in links.shared}
    moved = _groups_with_other_vms(state, plan)
    changed = {alias for alias, link in before.items() if _is_changed(link, after.get(alias), moved)}
    found = {
        str(other.deployment): tuple(
            link.alias for link in other.links.consumed if link.deployment == state.deployment and link.alias in changed
        )
        for other in others
    }
    return {deployment: aliases for deployment, aliases in found.items() if aliases}


def _is_changed(before: SharedLink, after: SharedLink | None, moved: frozenset[str]) -> bool:
    return after != before or before.group in moved


def _groups_with_other_vms(state: DeploymentState, plan: Plan) -> frozenset[str]:
    """Groups of which the plan creates or deletes VMs: their instances and addresses may change."""
    touched = {action.work.instance_id for action in plan.actions if isinstance(action.work, CreateVm | DeleteVm)}
    return frozenset(record.group for record in (*state.instances, *plan.records) if record.id in touched)
