"""A deployment by its name, its instances and its manifest, or the error where there is none.

Takes the states of an environment's deployments, gives one, or its manifest.
"""

from collections.abc import Sequence

from cpi.contract.values import ENVIRONMENT_ITSELF
from director.errors import InputError
from director.model import counting
from director.model.environments.state import DeploymentState, InstanceRecord
from director.model.ids import EnvironmentName
from director.text import nearest


def require_deployment(environment: EnvironmentName, states: Sequence[DeploymentState], name: str) -> DeploymentState:
    """The one of that name. Raises InputError, code `deployment-missing`."""
    for state in states:
        if state.deployment == name:
            return state
    known = [str(state.deployment) for state in states if state.deployment is not ENVIRONMENT_ITSELF]
    near = nearest.nearest_word(name, known)
    raise InputError(
        "deployment-missing",
        f"Environment '{environment}' has no deployment '{name}'.",
        why=f"Known deployments: {', '.join(known) or 'none'}.",
        fix=f"Did you mean '{near}'?" if near else "Name one of them with -d, or deploy it first.",
    )


def require_instance(records: Sequence[InstanceRecord], deployment: str, instance: str) -> InstanceRecord:
    """The instance of that name, as group/index or group/id. Raises InputError, code `instance-unknown`."""
    known = {name: record for record in records for name in (record.name, f"{record.group}/{record.id}")}
    if instance in known:
        return known[instance]
    near = nearest.nearest_word(instance, known)
    raise InputError(
        "instance-unknown",
        f"Deployment '{deployment}' has no instance '{instance}'.",
        why=f"It has: {', '.join(counting.in_natural_order(record.name for record in records)) or 'none'}.",
        fix=f"Did you mean '{near}'?" if near else "Name an instance as group/index.",
    )


def require_manifest(state: DeploymentState) -> str:
    """Its manifest as last deployed. Raises InputError, code `deployment-unfinished`."""
    if not state.manifest:
        raise InputError(
            "deployment-unfinished",
            f"Deployment '{state.deployment}' has never been deployed completely.",
            why="Its first deploy failed or was interrupted, so no manifest is on record.",
            fix="Run the deploy again; it continues where it stopped.",
        )
    return state.manifest
